"""Heads that never end: refused before they take memory. Requests that come in small pieces are answered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from wsi_streamer.web.bounded import MAX_HEAD_BYTES
from wsi_streamer.web.server import bind, serve


async def _app(scope: Any, receive: Any, send: Any) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"%d" % size
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    stop, started = asyncio.Event(), asyncio.Event()
    sock = bind("127.0.0.1", 0)
    task = asyncio.create_task(serve([(_app, sock)], stop=stop, on_started=started.set))
    await started.wait()
    yield sock.getsockname()[1]
    stop.set()
    await task


@pytest.mark.parametrize(
    "beginning", [b"GET /", b"GET / HTTP/1.1\r\nX: ", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100 + b"X"]
)
async def test_a_head_without_an_end_is_refused_soon(beginning: bytes, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(beginning)
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < 64 * MAX_HEAD_BYTES and not reader.at_eof():
            writer.write(b"a" * 4096)
            sent += 4096
            await writer.drain()
            await asyncio.sleep(0)
    assert sent < 32 * MAX_HEAD_BYTES
    with contextlib.suppress(ConnectionError):
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_many_headers_are_a_long_head_too(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
    with contextlib.suppress(ConnectionError):
        for i in range(1_000_000):
            writer.write(b"X-%d: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" % i)
            if i % 100 == 0:
                await writer.drain()
                await asyncio.sleep(0)
                if reader.at_eof():
                    break
    assert i < 100_000
    writer.close()


async def test_a_long_body_and_many_requests_on_a_connection_are_none_of_that(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"x" * (4 * MAX_HEAD_BYTES)
    for _ in range(3):
        head = b"POST / HTTP/1.1\r\nHost: a\r\nX-Long: %s\r\nContent-Length: %d\r\n\r\n" % (b"y" * 40_000, len(body))
        for piece in (head[:20_000], head[20_000:], body[:100_000], body[100_000:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n%d" % len(body)), 10)
        assert answer.startswith(b"HTTP/1.1 200 OK")
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 50)  # pipelined
    for _ in range(50):
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n0"), 10)
    writer.close()
