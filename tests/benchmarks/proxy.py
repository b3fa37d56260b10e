"""A proxy that puts a distance between a server and its S3, and counts what goes over it: ``python -m tests.benchmarks.proxy``.

A process of its own, so that what it costs is on no server's account. One upstream connection for each of the client's,
kept alive on both sides; heads are read, bodies stream through as they come. Requests must have no body.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import deque
from dataclasses import asdict, dataclass
from typing import cast

import uvloop

HEAD_END = b"\r\n\r\n"


@dataclass(slots=True)
class Counts:
    """What came through since the last reset."""

    gets: int = 0
    """Of objects."""
    heads: int = 0
    lists: int = 0
    failed: int = 0
    """Answers of 400 and more."""
    body_bytes: int = 0
    """Of the answers' bodies, also of those that nobody waited for."""
    connections: int = 0


class Relay:
    """What all connections share."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.upstream = upstream
        self.delay = 0.0
        self.counts = Counts()
        self.inflight = 0

    def count(self, head: bytes) -> None:
        """One request."""
        if head.startswith(b"HEAD"):
            self.counts.heads += 1
        elif b"list-type=" in head.partition(b"\r\n")[0]:
            self.counts.lists += 1
        else:
            self.counts.gets += 1


class FromClient(asyncio.Protocol):
    """The server under test's end."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.transport: asyncio.Transport
        self.up: FromStore | None = None
        self._buffer = b""
        self._waiting: deque[bytes] = deque()
        """Requests that came before the connection to the store was there."""
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.relay.counts.connections += 1
        self._connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: FromStore(self), *self.relay.upstream)
        except OSError:
            self.transport.abort()

    def connected(self, up: FromStore) -> None:
        """The way to the store is open."""
        self.up = up
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            self._waiting.append(self._buffer[: end + 4])
            self._buffer = self._buffer[end + 4 :]
        self._next()

    def _next(self) -> None:
        if self._busy or not self._waiting or self.up is None:
            return
        self._busy = True
        head = self._waiting.popleft()
        self.relay.count(head)
        self.relay.inflight += 1
        if self.relay.delay:
            asyncio.get_running_loop().call_later(self.relay.delay, self.up.send, head)
        else:
            self.up.send(head)

    def answered(self) -> None:
        """The answer has gone out."""
        self._busy = False
        self.relay.inflight -= 1
        self._next()

    def pause_writing(self) -> None:
        if self.up is not None:
            self.up.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.up is not None:
            self.up.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._busy:
            self.relay.inflight -= 1
            self._busy = False
        if self.up is not None:
            self.up.transport.close()


class FromStore(asyncio.Protocol):
    """The store's end."""

    def __init__(self, client: FromClient) -> None:
        self._client = client
        self._head = b""
        self._left = 0
        self._no_body = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._client.connected(self)

    def send(self, head: bytes) -> None:
        """Pass a request on."""
        self._no_body = head.startswith(b"HEAD")
        if not self.transport.is_closing():
            self.transport.write(head)

    def data_received(self, data: bytes) -> None:
        self._client.transport.write(data)
        counts = self._client.relay.counts
        if self._left:
            counts.body_bytes += len(data)
            self._left -= len(data)
        else:
            self._head += data
            end = self._head.find(HEAD_END)
            if end < 0:
                return
            if self._head[9:10] in b"45":
                counts.failed += 1
            body = len(self._head) - end - 4
            counts.body_bytes += body
            self._left = (0 if self._no_body else content_length(self._head[:end])) - body
            self._head = b""
        if self._left <= 0:
            self._left = 0
            self._client.answered()

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.transport.close()


def content_length(head: bytes) -> int:
    """The length that a head tells.

    Raises:
        ValueError: it tells none: a chunked answer would not be counted rightly, and S3 servers send none here.
    """
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    if at < 0:
        if b" 204 " in head[:16] or b" 304 " in head[:16]:
            return 0
        raise ValueError("an answer without Content-Length")
    end = lower.find(b"\r\n", at + 2)
    return int(lower[at + 17 : end if end >= 0 else len(lower)])


async def _control(relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One JSON object a line: ``delay`` sets it in seconds, ``reset`` begins to count anew; the answer has the counts before."""
    while line := await reader.readline():
        asked = json.loads(line)
        told = asdict(relay.counts) | {"inflight": relay.inflight}
        if "delay" in asked:
            relay.delay = asked["delay"]
        if asked.get("reset"):
            relay.counts = Counts()
        writer.write(json.dumps(told).encode() + b"\n")
    writer.close()


async def _serve(upstream: tuple[str, int], port: int) -> None:
    relay = Relay(upstream)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FromClient(relay), "127.0.0.1", port, backlog=1024)
    control = await asyncio.start_server(lambda r, w: _control(relay, r, w), "127.0.0.1", 0)
    ports = [s.sockets[0].getsockname()[1] for s in (server, control)]
    print(*ports, flush=True)
    # Ends with whoever holds its input.
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until standard input ends; tell the two ports in one line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.proxy", description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--listen", type=int, default=0, help="port (a free one)")
    told = parser.parse_args()
    uvloop.run(_serve((told.host, told.port), told.listen))


if __name__ == "__main__":
    main()
