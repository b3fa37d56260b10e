"""A proxy before the API server: it counts, and it makes faults."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
import kopf
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Seen:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    agent: str
    at: float
    """By the monotonic clock, in seconds."""

    @property
    def is_write(self) -> bool:
        """Whether it may change anything."""
        return self.method not in ("GET", "HEAD")

    @property
    def is_watch(self) -> bool:
        """Whether the answer is a stream of events."""
        return self.query.get("watch") == "true"


@dataclass(slots=True)
class Fault:
    """An answer in the server's place."""

    applies_to: Callable[[Seen], bool]
    status: int
    """0: the connection is cut."""

    times: int = 1
    message: str = "made by the test"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ApiProxy:
    """Plain HTTP on this machine; it adds the credentials itself."""

    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    watches: Literal["pass", "silent", "drop"] = "pass"
    """``silent``: open watches and new ones stay open and bring nothing, not even bookmarks. ``drop``: they end at once."""

    after_write: Callable[[int], Awaitable[None]] | None = None
    """Called with how many writes there were, once the server has done the last and before the client is told."""

    _writes: int = 0

    def writes(self) -> list[Seen]:
        """Requests that may have changed something."""
        return [seen for seen in self.seen if seen.is_write]

    def kubeconfig(self) -> dict[str, Any]:
        """For a client of this proxy."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "proxy", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "test", "user": {}}],
            "contexts": [{"name": "test", "context": {"cluster": "proxy", "user": "test"}}],
            "current-context": "test",
        }

    async def _pass(
        self, request: web.Request, upstream: aiohttp.ClientSession, info: kopf.ConnectionInfo
    ) -> web.StreamResponse:
        seen = Seen(
            request.method, request.path, dict(request.query), request.headers.get("User-Agent", ""), time.monotonic()
        )
        self.seen.append(seen)
        for fault in self.faults:
            if fault.times > 0 and fault.applies_to(seen):
                fault.times -= 1
                if fault.status == 0 and request.transport is not None:
                    request.transport.abort()
                told = {"kind": "Status", "status": "Failure", "message": fault.message, "code": fault.status}
                return web.json_response(told, status=fault.status or 500, headers=fault.headers)
        body = await request.read()
        headers = {name: request.headers[name] for name in ("Content-Type", "Accept") if name in request.headers}
        url = info.server.rstrip("/") + request.path_qs
        async with upstream.request(
            request.method, url, data=body or None, headers=headers | info.as_http_headers()
        ) as answer:
            if seen.is_watch:
                return await self._stream(request, answer)
            raw = await answer.read()
            if seen.is_write:
                self._writes += 1
                if self.after_write is not None:
                    await self.after_write(self._writes)
            passed = {k: v for k, v in answer.headers.items() if k in ("Content-Type", "Retry-After")}
            return web.Response(status=answer.status, body=raw, headers=passed)

    async def _stream(self, request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            async for line in answer.content:
                if self.watches == "drop":
                    break
                if self.watches == "pass":
                    await response.write(line)
        return response


@contextlib.asynccontextmanager
async def api_proxy(info: kopf.ConnectionInfo) -> AsyncIterator[ApiProxy]:
    """A proxy before the API server of these credentials."""
    proxy = ApiProxy()
    connector = aiohttp.TCPConnector(ssl=info.as_ssl_context(), limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=2**22) as upstream:

        async def handle(request: web.Request) -> web.StreamResponse:
            return await proxy._pass(request, upstream, info)

        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            proxy.port = int(runner.addresses[0][1])
            yield proxy
        finally:
            await runner.cleanup()


def write_kubeconfig(config: Mapping[str, Any]) -> str:
    """As text; JSON is YAML."""
    return json.dumps(config)
