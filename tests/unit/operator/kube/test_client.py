"""Against a server that answers as a test wants: for failures, which a real one doesn't make at will."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import kopf
import pytest
from aiohttp import web

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    ServerError,
    TooManyRequests,
    Unauthorized,
    Unreachable,
)

SERVICE = Address("v1", "services", "n", "x")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def always(status: int, body: str = "{}", **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=body, headers=told)

    return answer


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (405, Refused),
        (409, Conflict),
        (422, Invalid),
        (429, TooManyRequests),
        (500, ServerError),
        (504, ServerError),
    ],
)
async def test_each_status_is_an_error_with_the_servers_sentence(status: int, kind: type[ApiError]) -> None:
    body = '{"kind": "Status", "message": "the server says why", "reason": "Because"}'
    async with server(always(status, body)) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url)) as client:
        with pytest.raises(kind) as caught:
            await client.get(SERVICE)
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.status, caught.value.reason) == (
        "the server says why",
        status,
        "Because",
    )


async def test_retry_after() -> None:
    answer = always(429, "not json", Retry_After="7")
    async with server(answer) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url)) as client:
        with pytest.raises(TooManyRequests) as caught:
            await client.get(SERVICE)
    assert caught.value.retry_after == 7


async def test_retry_after_as_a_status_tells_it() -> None:
    answer = always(429, '{"details": {"retryAfterSeconds": 3}}')
    async with server(answer) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url)) as client:
        with pytest.raises(TooManyRequests) as caught:
            await client.get(SERVICE)
    assert caught.value.retry_after == 3


@pytest.mark.parametrize("body", ["", "<html>", "[]", '"a"'])
async def test_an_answer_that_is_no_object(body: str) -> None:
    async with server(always(200, body)) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url)) as client:
        with pytest.raises(ApiError):
            await client.get(SERVICE)


async def test_a_connection_that_is_cut() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        await asyncio.sleep(1)
        return web.Response()

    async with server(cut) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url)) as client:
        with pytest.raises(Unreachable):
            await client.delete(SERVICE, uid="u")


async def test_nobody_there() -> None:
    async with KubeClient(lambda: kopf.ConnectionInfo(server="http://127.0.0.1:9")) as client:
        with pytest.raises(Unreachable):
            await client.get(SERVICE)


async def test_a_token_that_was_replaced_is_read_again() -> None:
    valid, seen = "old", []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["Authorization"])
        right = request.headers["Authorization"] == f"Bearer {valid}"
        return web.json_response({}, status=200 if right else 401)

    async with server(answer) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url, token=valid)) as client:
        await client.get(SERVICE)
        valid = "new"
        await client.get(SERVICE)
    assert seen == ["Bearer old", "Bearer old", "Bearer new"]


async def test_a_token_that_is_refused_for_good_is_not_tried_for_ever() -> None:
    asked = 0

    async def answer(_: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return web.json_response({}, status=401)

    async with server(answer) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url, token="t")) as client:
        with pytest.raises(Unauthorized):
            await client.get(SERVICE)
    assert asked == 2


async def test_long_lists_come_in_pieces() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.query["labelSelector"] == "a=b"
        if request.query.get("continue") == "more":
            return web.json_response({"items": [{"n": 2}], "metadata": {}})
        return web.json_response({"items": [{"n": 1}], "metadata": {"continue": "more"}})

    async with server(answer) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url)) as client:
        assert await client.list(Address("v1", "services", "n"), "a=b") == ({"n": 1}, {"n": 2})


async def test_an_api_that_is_not_there_serves_nothing() -> None:
    async with server(always(404)) as url, KubeClient(lambda: kopf.ConnectionInfo(server=url)) as client:
        assert await client.resources("monitoring.coreos.com/v1") == frozenset()


def test_paths() -> None:
    assert SERVICE.path == "/api/v1/namespaces/n/services/x"
    assert Address("apps/v1", "deployments").path == "/apis/apps/v1/deployments"
    assert Address("a.b/v1", "cs", "n").of("x", "status").path == "/apis/a.b/v1/namespaces/n/cs/x/status"
    assert Address("v1", "services", "n", "../x").path == "/api/v1/namespaces/n/services/..%2Fx"
