"""The admin API's handlers."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from litestar import Request, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import EVENT, Job
from wsi_streamer.indexer.admin_auth import AdminAuth
from wsi_streamer.indexer.admin_models import (
    EventsAccepted,
    JobStatus,
    ReindexRequest,
    ScanStatus,
    SlideError,
    Status,
)
from wsi_streamer.indexer.events import event_keys
from wsi_streamer.slides.errors import InvalidRequest, NotFound
from wsi_streamer.slides.keys import is_slide_key

AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]

MAX_EVENT_BYTES = 1024 * 1024


class AdminApi:
    """What the handlers do; each checks its token first."""

    def __init__(self, catalog: Catalog, auth: AdminAuth, *, bucket: str, prefix: str) -> None:
        self._catalog = catalog
        self._auth = auth
        self._bucket = bucket
        self._prefix = prefix

    def handlers(self) -> list[Any]:
        """For Litestar."""

        def admin(connection: AnyConnection, _: BaseRouteHandler) -> None:
            self._auth.check_admin(connection.headers)

        def sender(connection: AnyConnection, _: BaseRouteHandler) -> None:
            self._auth.check_events(connection.headers, connection.path_params.get("token"))

        # Guards run before a body is read.
        @post("/admin/reindex", guards=[admin], status_code=HTTP_202_ACCEPTED, summary="Index again", tags=["admin"])
        async def reindex(data: JSONBody[ReindexRequest]) -> JobStatus:
            return await self._status_of(await self._reindex(data))

        @get("/admin/jobs/{job_id:int}", guards=[admin], summary="A job's progress", tags=["admin"])
        async def job(job_id: FromPath[int]) -> JobStatus:
            found = await self._catalog.jobs.get(job_id) if 0 <= job_id < 2**63 else None
            if found is None:
                raise NotFound("No such job; finished ones are kept for a day.")
            return await self._status_of(found)

        @get("/admin/status", guards=[admin], summary="The indexer at a glance", tags=["admin"])
        async def status() -> Status:
            return await self._status()

        @get("/admin/slides/{ref:path}", guards=[admin], summary="What the indexer found in a slide", tags=["admin"])
        async def explain(request: AnyRequest) -> dict[str, Any]:
            return await self._explain(request.scope["raw_path"])

        @post(
            "/admin/events",
            guards=[sender],
            status_code=HTTP_202_ACCEPTED,
            summary="S3 event notifications",
            tags=["admin"],
        )
        async def events(request: AnyRequest) -> EventsAccepted:
            return await self._events(await _bounded_body(request))

        @post("/admin/events/{token:str}", guards=[sender], status_code=HTTP_202_ACCEPTED, include_in_schema=False)
        async def events_with_token(request: AnyRequest) -> EventsAccepted:
            return await self._events(await _bounded_body(request))

        return [reindex, job, status, explain, events, events_with_token]

    async def _reindex(self, wanted: ReindexRequest) -> Job:
        if [wanted.all, wanted.prefix is not None, wanted.keys is not None].count(True) != 1:
            raise InvalidRequest('Give exactly one of "all": true, "prefix": "…" and "keys": […].')
        params: dict[str, Any] = {}
        if wanted.prefix is not None:
            params["prefix"] = _plain(wanted.prefix)
        if wanted.keys is not None:
            params["keys"] = [_plain(key) for key in wanted.keys]
            if not all(key.startswith(self._prefix) for key in params["keys"]):
                raise InvalidRequest("A key is outside the prefix that is served.")
        return await self._catalog.jobs.enqueue("reindex", force=wanted.force, params=params)

    async def _status_of(self, job: Job) -> JobStatus:
        return JobStatus.of(job, await self._catalog.jobs.progress(job.id))

    async def _status(self) -> Status:
        scan = await self._catalog.scans.last()
        return Status(
            slides={str(status): count for status, count in (await self._catalog.listing.counts(lately=True)).items()},
            backlog=await self._catalog.jobs.backlog(lately=True),
            last_scan=None if scan is None else ScanStatus.of(scan),
            errors=[SlideError.of(row) for row in await self._catalog.listing.refusals()],
        )

    async def _explain(self, raw_path: bytes) -> dict[str, Any]:
        """Routed on the path as it was sent: a key may hold slashes and percent signs of its own."""
        quoted = raw_path.decode("latin-1").partition("/admin/slides/")[2]
        if not quoted.endswith("/explain"):
            raise NotFound("There is nothing here.")
        found = await self._catalog.explain.slide(unquote(quoted.removesuffix("/explain")))
        if found is None:
            raise NotFound("No such slide in the catalog. It may not have been scanned yet.")
        return found

    async def _events(self, body: bytes) -> EventsAccepted:
        keys = [k for k in event_keys(body, self._bucket) if k.startswith(self._prefix) and is_slide_key(k)]
        if keys:
            await self._catalog.jobs.enqueue_keys(keys, priority=EVENT)
        return EventsAccepted(len(keys))


async def _bounded_body(request: AnyRequest) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_EVENT_BYTES:
            raise InvalidRequest("The notification is longer than 1 MB.")
        chunks.append(chunk)
    return b"".join(chunks)


def _plain(text: str) -> str:
    if "\0" in text:
        raise InvalidRequest("A key can't hold a NUL.")
    return text
