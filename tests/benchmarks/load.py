"""A client that costs little: keep-alive connections that each send a request when the last one was answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

_LENGTH = b"content-length:"


@dataclass(slots=True)
class Answers:
    """What came back of one run."""

    began: float = 0.0
    seconds: float = 0.0
    """From the first request sent to the last byte of the last answer."""

    each: list[float] = field(default_factory=list)
    """Seconds of each request, in the order in which they were answered."""

    body_bytes: int = 0
    refused: list[bytes] = field(default_factory=list)
    """Heads of answers other than 200, 202 and 206."""

    unanswered: int = 0
    """Requests that were given up."""


class _Connection(asyncio.Protocol):
    def __init__(self, client: Client) -> None:
        self._client = client
        self._left = 0
        self._head = b""
        self._sent = 0.0
        self.busy = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
            if self._left > 0:
                return
        else:
            if self._head:
                data = self._head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._head = data
                return
            self._head = b""
            length = _length(data, end)
            answers = self._client.answers
            answers.body_bytes += length
            if data[9:12] not in (b"200", b"206", b"202"):
                answers.refused.append(data[: end + 200])
            self._left = length - (len(data) - end - 4)
            if self._left > 0:
                return
        self._left = 0
        self._client.answers.each.append(time.perf_counter() - self._sent)
        self.next()

    def next(self) -> None:
        """Send the next request, if there is one."""
        request = next(self._client.requests, None)
        if request is None:
            self.busy = False
            self._client.finished()
            return
        self.busy = True
        self._sent = time.perf_counter()
        self.transport.write(request)

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.lost(self)


class Client:
    """So many connections to one server, open from one run to the next."""

    def __init__(self, url: str, connections: int) -> None:
        where = urlsplit(url)
        self._count = connections
        self._address = (str(where.hostname), where.port or 80)
        self._connections: list[_Connection] = []
        self._done: asyncio.Future[None] | None = None
        self.requests: Iterator[bytes] = iter(())
        self.answers = Answers()

    @classmethod
    async def open(cls, url: str, connections: int) -> Client:
        """Connect."""
        client = cls(url, connections)
        await client._connect()
        return client

    async def _connect(self) -> None:
        """Open what is missing: a server may close what was idle for long."""
        loop = asyncio.get_running_loop()
        while len(self._connections) < self._count:
            _, connection = await loop.create_connection(lambda: _Connection(self), *self._address)
            self._connections.append(connection)

    async def run(self, requests: Iterator[bytes], *, give_up: float = 120.0) -> Answers:
        """Send all of them, each connection its next one when the last is answered; ``give_up`` seconds for the whole.

        Connections whose answer does not come are closed at the end.
        """
        await self._connect()
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        self.requests = requests
        answers = self.answers = Answers(began=time.perf_counter())
        for connection in list(self._connections):
            connection.next()
        try:
            await asyncio.wait_for(self._done, give_up)
        except TimeoutError:
            self.requests = iter(())
        answers.seconds = time.perf_counter() - answers.began
        stuck = [connection for connection in self._connections if connection.busy]
        answers.unanswered += len(stuck)
        self._done = None
        for connection in stuck:
            self._connections.remove(connection)
            connection.transport.abort()
        return answers

    def finished(self) -> None:
        """A connection has nothing left to do."""
        if self._done is not None and not self._done.done() and not any(c.busy for c in self._connections):
            self._done.set_result(None)

    def lost(self, connection: _Connection) -> None:
        """A connection was closed, by the server unless we did it."""
        if connection in self._connections:
            self._connections.remove(connection)
            if connection.busy:
                self.answers.unanswered += 1
                self.finished()

    def close(self) -> None:
        """Hang up."""
        connections, self._connections = self._connections, []
        for connection in connections:
            connection.transport.abort()


async def load(port: int, requests: Iterator[bytes], connections: int) -> tuple[float, list[float]]:
    """Send all requests to a port of this machine, over so many new connections.

    Returns:
        Seconds for the whole, and of each request.

    Raises:
        RuntimeError: one was refused, or not answered.
    """
    client = await Client.open(f"http://127.0.0.1:{port}", connections)
    try:
        answers = await client.run(requests)
    finally:
        client.close()
    if answers.refused or answers.unanswered:
        raise RuntimeError(f"{answers.unanswered} unanswered, refused: {answers.refused[:1]!r}")
    return answers.seconds, answers.each


def get(path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> bytes:
    """A request."""
    further = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{further}\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """A request with a JSON body."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def for_seconds(requests: list[bytes], seconds: float) -> Iterator[bytes]:
    """The requests, over and over, until the time is up."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        yield from requests


def _length(data: bytes, end: int) -> int:
    at = data.find(_LENGTH, 0, end)
    if at < 0:
        head = data[:end].lower()
        at = head.find(_LENGTH)
        if at < 0:
            return 0
    stop = data.find(b"\r", at)
    return int(data[at + len(_LENGTH) : stop])
