"""GET /access: whether a request for a picture would be allowed, for the ``auth_request`` of an nginx that keeps pictures."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from wsi_streamer.slides.errors import Forbidden, WsiError
from wsi_streamer.tiles.cache_control import right_seconds
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.web.errors import error_body, error_headers, log_error

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

ACCESS_PATH = b"/access"
ORIGINAL_TARGET = b"x-original-uri"
"""Header with the target of the request in question, path and query as the client sent them."""

_PICTURE = re.compile(
    rb"/tiles/(?P<tile>[^/]+)/[0-9]+/[0-9]+/[0-9]+(?:\.jpg)?"
    rb"|/slides/(?P<slide>[^/]+)/(?:thumbnail|dzi_files/[0-9]+/[0-9]+_[0-9]+\.jpg)"
    rb"|/slides/(?P<dzi>[^/]+)_files/[0-9]+/[0-9]+_[0-9]+\.jpg"
)
_TARGET = re.compile(rb"(?P<path>/[!\"$->@-~]*)(?:\?(?P<query>[!-\"$-~]*))?")
"""Printable ASCII without a fragment: what nginx and this server are sure to read alike."""

_log = structlog.get_logger("wsi_streamer.tiles")


class AccessRoute:
    """An ASGI callable. It makes the same check as the picture's own route and opens nothing else: 204, or a refusal.

    nginx takes 401 and 403 for a refusal and all else for a failure, so 400 and 404 become 403. Its client is to be shown
    the picture route's own answer, whose code says what is wrong.
    """

    def __init__(self, context: TileContext) -> None:
        self._context = context

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer one GET or HEAD request."""
        try:
            seconds = await self._seconds(scope)
            status, headers, body = _allowed(seconds)
        except WsiError as error:
            log_error(error, route="access", request_id=scope["request_id"])
            status, headers, body = _refused(error)
        except Exception:  # noqa: BLE001 - as in tile_route: behind it is only uvicorn, which would log the path
            _log.exception("unexpected error", route="access", request_id=scope["request_id"])
            status, headers, body = _refused(WsiError("Something went wrong here; the server's log says what."))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        self._context.metrics.requests.labels("tiles", "access", scope["method"], str(status)).inc()

    async def _seconds(self, scope: Scope) -> int:
        """For how long the answer holds.

        Raises:
            Forbidden: no picture is asked for, or it isn't clear which.
            WsiError: as the picture's route would.
        """
        targets = [value for name, value in scope["headers"] if name == ORIGINAL_TARGET]
        target = _TARGET.fullmatch(targets[0]) if len(targets) == 1 else None
        picture = None if target is None else _PICTURE.fullmatch(target["path"])
        if target is None or picture is None:
            raise Forbidden("Only pictures may be kept by a cache.")
        segment = picture["tile"] or picture["slide"] or picture["dzi"]
        asked = self._context.asked(scope, target["path"], target["query"] or b"")
        admitted = await self._context.admit_to_slide(asked, segment)
        # What the edge has kept is seen without another question: for as long as this answer holds.
        await self._context.record_view(admitted, "edge")
        return right_seconds(admitted.caller, self._context.now())


def _allowed(seconds: int) -> tuple[int, Headers, bytes]:
    # X-Accel-Expires first, as cache_control says.
    return 204, [(b"x-accel-expires", b"%d" % seconds), (b"cache-control", b"private, max-age=%d" % seconds)], b""


def _refused(error: WsiError) -> tuple[int, Headers, bytes]:
    status = error.status if error.status >= 500 or error.status == 401 else 403
    body = error_body(error.code, error.message, status)
    headers = [
        (b"x-accel-expires", b"0"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    # nginx would hand this one on beside that of the picture's own route.
    told = {name: value for name, value in error_headers(error).items() if name != "www-authenticate"}
    headers += [(name.encode(), value.encode()) for name, value in told.items()]
    return status, headers, body
