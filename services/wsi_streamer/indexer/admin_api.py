"""The admin API's handlers."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED

from wsi_streamer.access.permissions import Role
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import EVENT, Job
from wsi_streamer.indexer.admin_desk import AdminDesk
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

MAX_EVENT_BYTES = 1024 * 1024


class AdminApi:
    """What the handlers do; each has a guard that asks for a role, and is on record."""

    def __init__(self, catalog: Catalog, desk: AdminDesk, *, bucket: str, prefix: str) -> None:
        self._catalog = catalog
        self._desk = desk
        self._bucket = bucket
        self._prefix = prefix

    def handlers(self) -> list[Any]:
        """For Litestar."""

        desk, admin, sender = self._desk, self._desk.needs(Role.ADMIN), self._desk.sender

        @post("/admin/reindex", guards=[admin], status_code=HTTP_202_ACCEPTED, summary="Index again", tags=["admin"])
        async def reindex(request: AnyRequest, data: JSONBody[ReindexRequest]) -> JobStatus:
            params = self._reindex_params(data)
            await desk.record(request, "reindex", {"force": str(data.force).lower(), **_told(data)})
            name = None if data.request is None else _plain(data.request)
            job = await self._catalog.jobs.enqueue_reindex(params, force=data.force, request=name)
            return await self._status_of(job)

        @get("/admin/jobs/{job_id:int}", guards=[admin], summary="A job's progress", tags=["admin"])
        async def job(request: AnyRequest, job_id: FromPath[int]) -> JobStatus:
            await desk.record_poll(request, "job")
            found = await self._catalog.jobs.get(job_id) if 0 <= job_id < 2**63 else None
            if found is None:
                raise NotFound("No such job; finished ones are kept for a day.")
            return await self._status_of(found)

        @get("/admin/status", guards=[admin], summary="The indexer at a glance", tags=["admin"])
        async def status(request: AnyRequest) -> Status:
            await desk.record_poll(request, "status")
            return await self._status()

        @get("/admin/slides/{ref:path}", guards=[admin], summary="What the indexer found in a slide", tags=["admin"])
        async def explain(request: AnyRequest) -> dict[str, Any]:
            try:
                found = await self._explain(request.scope["raw_path"])
            except NotFound:
                await desk.record(request, "explain", outcome="failed")
                raise
            await desk.record(request, "explain", slide_id=found["id"], key=found["key"])
            return found

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

    def _reindex_params(self, wanted: ReindexRequest) -> dict[str, Any]:
        if [wanted.all, wanted.prefix is not None, wanted.keys is not None].count(True) != 1:
            raise InvalidRequest('Give exactly one of "all": true, "prefix": "…" and "keys": […].')
        params: dict[str, Any] = {}
        if wanted.prefix is not None:
            params["prefix"] = _plain(wanted.prefix)
        if wanted.keys is not None:
            params["keys"] = [_plain(key) for key in wanted.keys]
            if not all(key.startswith(self._prefix) for key in params["keys"]):
                raise InvalidRequest("A key is outside the prefix that is served.")
        return params

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
        raise InvalidRequest("A text can't hold a NUL.")
    return text


def _told(wanted: ReindexRequest) -> dict[str, str]:
    """What a reindex is about, for the record."""
    if wanted.keys is not None:
        return {"keys": str(len(wanted.keys)), "first_key": wanted.keys[0] if wanted.keys else ""}
    return {"all": "true"} if wanted.prefix is None else {"prefix": wanted.prefix}
