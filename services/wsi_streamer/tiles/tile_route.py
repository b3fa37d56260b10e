"""GET /tiles/{id}/{level}/{x}/{y}.jpg, without a framework: this is the route that has to be fast."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from wsi_streamer.catalog.slides import TileAt
from wsi_streamer.slides.errors import InvalidLevel, NotFound, TileOutOfBounds, WsiError
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.client_gone import GONE, ClientGone, Receive, unless_gone
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.cors import CorsPolicy
from wsi_streamer.tiles.etag import etag_matches
from wsi_streamer.tiles.parameters import asked_quality, decode_ref, parse_index
from wsi_streamer.tiles.passes import Passes, Shown
from wsi_streamer.tiles.reading.viewers import Who
from wsi_streamer.tiles.tile_cache import AS_STORED, TileKey
from wsi_streamer.tiles.tile_maker import Picture
from wsi_streamer.tiles.warm_tiles import WarmTiles
from wsi_streamer.tiles.who_asks import who_asks
from wsi_streamer.web.errors import error_body, error_headers, log_error, unexpected_error_body
from wsi_streamer.web.security_headers import basic_headers, with_headers

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_log = structlog.get_logger("wsi_streamer.tiles")

_HIT, _MISS = (b"x-tile-cache-hit", b"true"), (b"x-tile-cache-hit", b"false")

_SEGMENTS = 6  # "", "tiles", id, level, x, y.jpg


_PARTS = frozenset({b"image", b"empty"})
"""Sec-Fetch-Dest of what a page asks for; else the tile is to be a page of its own, in a window or in a frame."""


class TileRoute:
    """An ASGI callable for everything under /tiles/."""

    def __init__(self, context: TileContext, cors: CorsPolicy, passes: Passes) -> None:
        self._context = context
        self._cors = cors
        self._is_open = context.gate.is_open()
        self._latency = context.metrics.latency.labels("tiles", "tile")
        self._ok = context.metrics.requests.labels("tiles", "tile", "GET", "200")
        self._warm = WarmTiles(context, context.maker.cache, passes)
        security = basic_headers(embeddable=cors.embeddable)
        self._versioned = (*context.caching.raw_headers(versioned=True), *security)
        self._unversioned = (*context.caching.raw_headers(versioned=False), *security)
        self._refused = (*context.caching.never(), *security)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET or HEAD request."""
        began = time.perf_counter()
        origin, if_none_match, shown = self._headers(scope)
        if if_none_match is None and scope["method"] == "GET":
            warm = self._warm.find(scope["raw_path"], scope["query_string"], shown)
            if warm is not None:
                answer: Headers = [
                    *warm[0],
                    *self._cors.headers(origin),
                    (b"x-request-id", scope["request_id"].encode()),
                ]
                await send({"type": "http.response.start", "status": 200, "headers": answer})
                await send({"type": "http.response.body", "body": warm[1]})
                self._ok.inc()
                self._latency.observe(time.perf_counter() - began)
                return
        try:
            status, headers, body = await self._answer(scope, if_none_match, shown, receive)
        except ClientGone:
            self._context.metrics.requests.labels("tiles", "tile", scope["method"], str(GONE)).inc()
            return
        except WsiError as error:
            log_error(error, route="tile", request_id=scope["request_id"], slide=self._opaque_id(scope["raw_path"]))
            status, headers, body = _error(error)
        except Exception:  # noqa: BLE001 - the outermost callable: behind it is only uvicorn, which would log the path
            _log.exception("unexpected error", route="tile", request_id=scope["request_id"])
            status, body = 500, unexpected_error_body()
            headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if status >= 400:
            headers = with_headers(headers, self._refused)
        headers += self._cors.headers(origin)
        headers.append((b"x-request-id", scope["request_id"].encode()))
        if status != 304:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        self._context.metrics.requests.labels("tiles", "tile", scope["method"], str(status)).inc()
        self._latency.observe(time.perf_counter() - began)

    def _headers(self, scope: Scope) -> tuple[bytes | None, bytes | None, Shown]:
        """Origin, If-None-Match, and all that shows a right, as it came."""
        origin = if_none_match = None
        authorization = cookie = forwarded = b""
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
            elif name == b"if-none-match":
                if_none_match = value
            elif name == b"cookie":
                cookie += b";" + value
            elif name == b"authorization":
                authorization += b";" + value
            elif name == b"x-forwarded-for":
                forwarded += b"," + value
            elif name == b"sec-fetch-dest" and value not in _PARTS:
                cookie += b"\0" + value  # of two sessions another one may be meant
        if self._is_open:
            return origin, if_none_match, None
        client = scope["client"]
        return origin, if_none_match, (client[0] if client else "", forwarded, authorization, cookie)

    def _opaque_id(self, raw_path: bytes) -> str | None:
        """What a log may call the slide of a request that failed, where it is open."""
        try:
            slide = self._context.registry.cached(decode_ref(raw_path.split(b"/")[2]))
        except (WsiError, IndexError):
            return None
        return None if slide is None else slide.id

    async def _answer(
        self, scope: Scope, if_none_match: bytes | None, shown: Shown, receive: Receive
    ) -> tuple[int, Headers, bytes]:
        segments = scope["raw_path"].split(b"/")
        if len(segments) != _SEGMENTS:
            raise NotFound("No such route. A slide's name must be percent-encoded: a slash in it is %2F.")
        begun = self._warm.begin()
        admitted = await self._context.admit_to_slide(self._context.asked(scope), segments[2])
        level, x, y = _position(segments[3], segments[4], segments[5])
        quality = asked_quality(admitted.params)
        who = who_asks(admitted)
        slide, viewing, picture = await self._context.with_slide(
            admitted,
            lambda slide: self._tile(slide, level, x, y, quality, if_none_match, who, receive),
            TileAt(level, x, y),
        )
        viewing.tile(level, x, y, self._context.now())
        caching = self._versioned if admitted.params.get("v") == slide.version else self._unversioned
        if picture is None:
            actual = self._context.maker.quality_of(slide.level(level), quality)
            return 304, [*caching, (b"etag", _etag(slide, level, x, y, actual))], b""
        headers = [
            *caching,
            (b"content-type", b"image/jpeg"),
            (b"etag", _etag(slide, level, x, y, picture.quality)),
            (b"x-tile-quality", b"source" if picture.quality == AS_STORED else b"%d" % picture.quality),
        ]
        key = TileKey(slide.version_id, level, x, y, picture.quality)
        again = (*headers, _HIT, (b"content-length", b"%d" % len(picture.data)))
        self._warm.remember(admitted, shown, slide, viewing, key, again, begun)
        return 200, [*headers, _HIT if picture.cache_hit else _MISS], picture.data

    async def _tile(
        self,
        slide: Slide,
        index: int,
        x: int,
        y: int,
        quality: int | None,
        if_none_match: bytes | None,
        who: Who,
        receive: Receive,
    ) -> Picture | None:
        """The tile, or None where the client has it already."""
        maker = self._context.maker
        level = slide.level(index)
        if if_none_match is not None:
            level.entry(x, y)
            etag = _etag(slide, index, x, y, maker.quality_of(level, quality)).decode()
            if etag_matches(if_none_match.decode("latin-1"), etag):
                return None
        stored = maker.stored(slide, level, x, y, quality, who)
        if maker.quality_of(level, quality) == AS_STORED:
            return await stored
        return await unless_gone(receive, stored)


def _position(level: bytes, x: bytes, name: bytes) -> tuple[int, int, int]:
    level_index = parse_index(level)
    if level_index is None:
        raise InvalidLevel("Invalid level: it must be a whole number, 0 for full resolution.")
    column, row = parse_index(x), parse_index(name.removesuffix(b".jpg"))
    if column is None or row is None:
        raise TileOutOfBounds("Invalid tile coordinates: x and y must be whole numbers from 0.")
    return level_index, column, row


def _etag(slide: Slide, level: int, x: int, y: int, quality: int) -> bytes:
    return b'"%s-%d-%d-%d-%d"' % (slide.version.encode(), level, x, y, quality)


def _error(error: WsiError) -> tuple[int, Headers, bytes]:
    headers = [(name.encode(), value.encode()) for name, value in error_headers(error).items()]
    headers.append((b"content-type", b"application/json"))
    return error.status, headers, error_body(error.code, error.message, error.status)
