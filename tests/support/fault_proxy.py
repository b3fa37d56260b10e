"""A proxy between a client and the S3 server that counts requests and makes faults."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.support.s3server import S3Server


@dataclass(slots=True)
class Seen:
    """One request that came through."""

    method: str
    target: str
    headers: dict[str, str]
    body_bytes: int = 0
    """Of the answer."""


@dataclass(slots=True)
class Fault:
    """What happens to one request instead of, or beside, being passed on."""

    reset: bool = False
    hang: bool = False
    """Never answered: the connection stays open and silent."""
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_body: int | None = None
    """Bytes after which the answer's body ends."""
    replace_status: int | None = None
    replace_header: tuple[str, str] | None = None


@dataclass(slots=True)
class FaultProxy:
    """HTTP/1.1, one upstream connection for each of the client's; Host passes through, since SigV4 signs it."""

    endpoint: str
    upstream: tuple[str, int]
    seen: list[Seen] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """Taken from the front, one for each request that `applies_to`."""
    applies_to: Callable[[Seen], bool] = lambda _: True
    latency: float = 0.0
    before: Callable[[Seen], Awaitable[None]] | None = None
    """Called when a request has come and before it is passed on: replace an object here, say."""
    connections: int = 0
    """How many were opened to the proxy."""

    def gets(self, needle: str = "") -> list[Seen]:
        """Object GETs (not listings) whose target holds ``needle``."""
        return [s for s in self.seen if s.method == "GET" and "list-type" not in s.target and needle in s.target]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client connection."""
        self.connections += 1
        try:
            up_reader, up_writer = await asyncio.open_connection(*self.upstream)
        except OSError:
            writer.close()
            return
        try:
            while await self._exchange(reader, writer, up_reader, up_writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in (writer, up_writer):
                end.close()

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> bool:
        head = await _head(reader)
        if head is None:
            return False
        first, headers = _parse(head)
        method, target, _ = first.split(" ", 2)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Seen(method, target, headers)
        self.seen.append(request)
        if self.before is not None:
            await self.before(request)
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self.faults.pop(0) if self.faults and self.applies_to(request) else Fault()
        if fault.reset:
            writer.transport.abort()
            return False
        if fault.hang:
            await reader.read()  # until the client gives up
            return False
        if fault.status is not None:
            extra = "".join(f"{name}: {value}\r\n" for name, value in fault.headers.items())
            writer.write(
                f"HTTP/1.1 {fault.status} Fault\r\ncontent-length: {len(fault.body)}\r\n{extra}\r\n".encode()
                + fault.body
            )
            await writer.drain()
            return True
        up_writer.write(head + body)
        await up_writer.drain()
        return await self._reply(request, fault, writer, up_reader)

    async def _reply(
        self, request: Seen, fault: Fault, writer: asyncio.StreamWriter, up_reader: asyncio.StreamReader
    ) -> bool:
        head = await _head(up_reader)
        if head is None:
            return False
        first, headers = _parse(head)
        version, status, reason = first.split(" ", 2)
        if fault.replace_status is not None:
            status = str(fault.replace_status)
        if fault.replace_header is not None:
            headers[fault.replace_header[0]] = fault.replace_header[1]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"{version} {status} {reason}\r\n{lines}\r\n".encode("latin-1"))
        left = 0 if request.method == "HEAD" else int(headers.get("content-length", "0"))
        while left:
            chunk = await up_reader.read(min(left, 65_536))
            if not chunk:
                return False
            left -= len(chunk)
            if fault.cut_body is not None and request.body_bytes + len(chunk) > fault.cut_body:
                writer.write(chunk[: fault.cut_body - request.body_bytes])
                await writer.drain()
                return False
            request.body_bytes += len(chunk)
            writer.write(chunk)
        await writer.drain()
        return True


async def _head(reader: asyncio.StreamReader) -> bytes | None:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None


def _parse(head: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    return first, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


@contextlib.asynccontextmanager
async def proxy_before(endpoint: str) -> AsyncIterator[FaultProxy]:
    """A proxy in front of an endpoint."""
    url = urlsplit(endpoint)
    assert url.hostname
    assert url.port
    proxy = FaultProxy("", (url.hostname, url.port))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=1 << 20)
    port = server.sockets[0].getsockname()[1]
    proxy.endpoint = f"http://127.0.0.1:{port}"
    try:
        yield proxy
    finally:
        server.close()


@pytest.fixture
async def fault_proxy(s3_server: S3Server) -> AsyncIterator[FaultProxy]:
    """A proxy in front of the S3 server, in the test's own event loop."""
    async with proxy_before(s3_server.endpoint) as proxy:
        yield proxy
