"""A client that costs little: keep-alive connections that each send a request when the last one was answered."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], seconds: list[float]) -> None:
        self._requests = requests
        self._seconds = seconds
        self._left = 0
        self._head = b""
        self._sent = 0.0
        self._transport: asyncio.Transport
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._next()

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self._head, 0, end)
            if length is None or not self._head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 206")):
                self.done.set_exception(RuntimeError(f"unexpected answer: {self._head[:200]!r}"))
                self._transport.close()
                return
            self._left = int(length[1]) - (len(self._head) - end - 4)
            self._head = b""
        if not self._left:
            self._seconds.append(time.perf_counter() - self._sent)
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


async def load(port: int, requests: Iterator[bytes], connections: int) -> tuple[float, list[float]]:
    """Send all requests over so many connections.

    Returns:
        Seconds for the whole, and of each request.

    Raises:
        RuntimeError: an answer was not 200 or 206.
    """
    loop = asyncio.get_running_loop()
    seconds: list[float] = []
    began = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(requests, seconds), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in opened))
    return time.perf_counter() - began, seconds


def get(path: str) -> bytes:
    """A request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def for_seconds(requests: list[bytes], seconds: float) -> Iterator[bytes]:
    """The requests, over and over, until the time is up."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        yield from requests
