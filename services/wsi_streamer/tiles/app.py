"""The outermost ASGI callable: tiles by the short way, all else through Litestar."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from litestar import Litestar

from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.telemetry.request_ids import request_id
from wsi_streamer.tiles.access_route import ACCESS_PATH, AccessRoute
from wsi_streamer.tiles.cors import CorsPolicy
from wsi_streamer.tiles.tile_route import TileRoute
from wsi_streamer.web.errors import error_body
from wsi_streamer.web.security_headers import document_headers, with_headers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_JSON = [(b"content-type", b"application/json")]
_METHODS = frozenset({"GET", "HEAD"})
_DZI_FILE = re.compile(r"/slides/[^/]+\.dzi\Z")
# Routes that are not for GET and HEAD.
_OTHER_METHODS = (
    (re.compile(rb"/tiles/[^/]+/prefetch\Z"), ("POST",)),
    (re.compile(rb"/auth/(renew|logout)\Z"), ("POST",)),
    (re.compile(rb"/grants\Z"), ("GET", "HEAD", "POST")),
    (re.compile(rb"/grants/[^/]+\Z"), ("GET", "HEAD", "DELETE")),
)
_ROUTES = {
    name: name
    for name in ("slides", "folders", "progress", "view", "static", "embed", "schema", "health", "auth", "grants")
} | {
    "": "gallery",
    "tiles": "prefetch",
}


class TileApp:
    """HTTP only. CORS, HEAD and request ids are dealt with here, alike for every route."""

    def __init__(
        self,
        tiles: TileRoute,
        litestar: Litestar,
        cors: CorsPolicy,
        metrics: Metrics,
        *,
        open_access: bool,
        edge: AccessRoute | None = None,
    ) -> None:
        self._tiles = tiles
        self._litestar = litestar
        self._cors = cors
        self._metrics = metrics
        self._edge = edge
        # Lists and metadata change, and hold keys, which may hold names.
        self._uncached = b"no-cache" if open_access else b"no-store"
        self._security = document_headers(embeddable=cors.embeddable)
        # A plain number, which a hot path can afford: Prometheus' gauge would cost a lock each time.
        self._in_flight = 0
        metrics.show_requests_in_flight(lambda: self._in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        method = scope["method"]
        self._in_flight += 1
        try:
            if not scope["raw_path"].startswith(b"/"):  # "GET *", or a whole URL
                body = error_body("invalid_request", "The request's target must be a path.", 400)
                await _respond(send, 400, [*_JSON, *self._security, (b"cache-control", b"no-store")], body)
                return
            scope["request_id"] = request_id(_header(scope, b"x-request-id"))
            if method in _METHODS:
                if scope["raw_path"].startswith(b"/tiles/"):
                    await self._tiles(scope, receive, send)
                elif self._edge is not None and scope["raw_path"] == ACCESS_PATH:
                    await self._edge(scope, send)
                else:
                    await self._through_litestar(scope, receive, send)
            elif method in methods_of(scope["raw_path"]):
                await self._through_litestar(scope, receive, send)
            else:
                await self._other_method(scope, send)
        finally:
            self._in_flight -= 1

    async def _other_method(self, scope: Scope, send: Send) -> None:
        allowed = ", ".join([*methods_of(scope["raw_path"]), "OPTIONS"]).encode()
        headers = [*self._security, *self._cors.preflight(_header(scope, b"origin"), allowed)]
        if scope["method"] == "OPTIONS":
            await _respond(send, 204, headers, b"")
        else:
            body = error_body("method_not_allowed", f"Only {allowed.decode()} are served here.", 405)
            headers += [*_JSON, (b"cache-control", b"no-store")]
            await _respond(send, 405, headers, body)

    async def _through_litestar(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        raw_path: str = scope["raw_path"].decode("latin-1")
        identity: str = scope["request_id"]
        status = 500
        added = [(b"x-request-id", identity.encode()), *self._cors.headers(_header(scope, b"origin"))]
        is_head = scope["method"] == "HEAD"

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], *added]
                if (b"access-control-allow-origin", b"*") in message["headers"]:  # a route that every origin may read
                    headers = [*message["headers"], (b"x-request-id", identity.encode())]
                headers = with_headers(headers, self._security)
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", self._uncached))
                if self._edge is not None and not any(name.lower() == b"x-accel-expires" for name, _ in headers):
                    headers.append((b"x-accel-expires", b"0"))
                message["headers"] = headers
            elif is_head:
                message["body"] = b""
            await send(message)

        # Litestar routes on the path as it was sent, so that a key's %2F stays inside its segment, and no
        # HEAD. A copy: uvicorn goes on looking at its own.
        method = "GET" if is_head else scope["method"]
        inner = {**scope, "path": _routable(raw_path), "method": method, "wsi_head": is_head}
        await self._litestar(inner, receive, send_with_headers)  # type: ignore[arg-type]
        route = _ROUTES.get(raw_path.split("/", 2)[1], "other")
        self._metrics.requests.labels("tiles", route, scope["method"], str(status)).inc()
        self._metrics.latency.labels("tiles", route).observe(time.perf_counter() - began)


def methods_of(raw_path: bytes) -> tuple[str, ...]:
    """What a route takes."""
    for pattern, methods in _OTHER_METHODS:
        if pattern.match(raw_path):
            return methods
    return ("GET", "HEAD")


def _routable(raw_path: str) -> str:
    """Litestar has no parameter that is part of a segment: /slides/{id}.dzi is routed as /slides/{id}.dzi/dzi_file."""
    return raw_path + "/dzi_file" if _DZI_FILE.match(raw_path) else raw_path


def _header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:  # no generator: for every request
        if key == name:
            return bytes(value)
    return None


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    if status != 204:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
