"""Against what the indexer really answers with, as it writes it."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import msgspec
import pytest
from aiohttp import web

from wsi_operator.indexer_api import IndexerApi, IndexerSilent, LastScan
from wsi_streamer.indexer.admin_models import ReindexRequest, ScanStatus, Status
from wsi_streamer.slides.errors import AuditUnavailable, CatalogUnavailable, WsiError

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SCAN = ScanStatus(AT, AT, listed=9, new=1, changed=0, vanished=0, held_back=0, error=None)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def indexer(admin: Answer, *, ready: int = 200) -> AsyncIterator[IndexerApi]:
    async def ready_route(_: web.Request) -> web.StreamResponse:
        return web.json_response({"ready": ready == 200}, status=ready)

    app = web.Application()
    app.router.add_get("/ready", ready_route)
    app.router.add_route("*", "/admin/{path:.*}", admin)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api = IndexerApi(runner.addresses[0][1])
    try:
        yield api
    finally:
        await api.aclose()
        await runner.cleanup()


def saying(value: object, status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == "Bearer token"
        return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")

    return answer


async def test_a_status() -> None:
    told = Status(slides={"indexed": 7, "failed": 1}, backlog=3, last_scan=SCAN, errors=[])
    async with indexer(saying(told)) as api:
        found = await api.status("127.0.0.1", "token")
    assert found.database
    assert (dict(found.slides), found.backlog) == ({"indexed": 7, "failed": 1}, 3)
    assert found.last_scan == LastScan("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", None)


async def test_before_the_first_scan() -> None:
    async with indexer(saying(Status(slides={}, backlog=0, last_scan=None, errors=[]))) as api:
        assert (await api.status("127.0.0.1", "token")).last_scan is None


async def test_a_database_that_is_down_is_told_by_readiness() -> None:
    async with indexer(saying({}), ready=503) as api:
        assert not (await api.status("127.0.0.1", "token")).database


@pytest.mark.parametrize("error", [CatalogUnavailable, AuditUnavailable])
async def test_a_database_that_is_down_may_be_told_by_an_error(error: type[WsiError]) -> None:
    body = {"error": error.code, "message": "m", "status": error.status}
    async with indexer(saying(body, error.status)) as api:
        assert not (await api.status("127.0.0.1", "token")).database


@pytest.mark.parametrize(("status", "says"), [(401, "token"), (403, "token"), (500, "500"), (404, "404")])
async def test_refusals(status: int, says: str) -> None:
    async with indexer(saying({}, status)) as api:
        with pytest.raises(IndexerSilent, match=says):
            await api.status("127.0.0.1", "token")
        with pytest.raises(IndexerSilent, match=says):
            await api.reindex("127.0.0.1", "token", "monday")


@pytest.mark.parametrize("answer", [{}, {"slides": 3, "backlog": 0, "last_scan": None}, [], "?"])
async def test_an_answer_that_is_not_understood(answer: object) -> None:
    async with indexer(saying(answer)) as api:
        with pytest.raises(IndexerSilent, match="newer or older"):
            await api.status("127.0.0.1", "token")


async def test_nobody_there_and_no_secret_in_what_is_said() -> None:
    api = IndexerApi(9)
    try:
        with pytest.raises(IndexerSilent) as caught:
            await api.status("127.0.0.1", "token")
    finally:
        await api.aclose()
    assert "token" not in str(caught.value)
    assert "127" not in str(caught.value)


async def test_a_request_to_index_again_is_one_that_the_indexer_understands() -> None:
    asked: list[ReindexRequest] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(msgspec.json.decode(await request.read(), type=ReindexRequest))
        return web.json_response({}, status=202)

    async with indexer(answer) as api:
        await api.reindex("127.0.0.1", "token", "monday")
    assert asked == [ReindexRequest(all=True, request="monday")]


async def test_an_answer_that_never_ends_is_cut_off() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert "gzip" not in request.headers.get("Accept-Encoding", "")
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" " * 65_536)
        return response

    async with indexer(answer) as api:
        with pytest.raises(IndexerSilent, match="too long"):
            await api.status("127.0.0.1", "token")


async def test_what_is_packed_is_not_unpacked() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        packed = gzip.compress(b"[" * 10_000_000)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"}, content_type="application/json")

    async with indexer(answer) as api:
        with pytest.raises(IndexerSilent, match="newer or older"):
            await api.status("127.0.0.1", "token")
