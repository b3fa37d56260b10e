"""A picture as an answer of Litestar's handlers: conditional, cacheable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from litestar import Request, Response

from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.client_gone import GONE, ClientGone, unless_gone
from wsi_streamer.tiles.context import Admitted, TileContext
from wsi_streamer.tiles.etag import etag_matches
from wsi_streamer.tiles.tile_cache import AS_STORED
from wsi_streamer.tiles.tile_maker import Picture


async def picture_response(
    request: Request[Any, Any, Any],
    context: TileContext,
    admitted: Admitted,
    what: str,
    name: str,
    make: Callable[[Slide], Coroutine[Any, Any, Picture]],
    extra: dict[str, str] | None = None,
    *,
    allow: Callable[[Slide], Awaitable[None]] | None = None,
    sensitive: bool = False,
) -> Response[bytes]:
    """The picture that ``make`` makes of the current version of a slide, or 304 without making it. ``what`` it shows goes into
    the record of the caller's viewing session.

    Args:
        name: tells the picture from all others of the slide's version, what it was asked for with included.
        allow: raises where this slide's picture may not be shown; comes before anything is told of it.
        sensitive: whether it needs a permission of its own, so that it is kept nowhere for long.
    """
    if_none_match = request.headers.get("if-none-match", "")

    async def make_unless_known(slide: Slide) -> Picture | None:
        if allow is not None:
            await allow(slide)
        if etag_matches(if_none_match, _etag(slide, name)):
            return None
        return await unless_gone(request.receive, make(slide))

    try:
        slide, viewing, picture = await context.with_slide(admitted, make_unless_known)
    except ClientGone:
        return Response(b"", status_code=GONE)
    viewing.picture(what, context.now())
    versioned = admitted.params.get("v") == slide.version
    caching = context.caching.sensitive() if sensitive else context.caching.headers(versioned=versioned)
    headers = {**caching, "etag": _etag(slide, name)}
    if picture is None:
        return Response(b"", status_code=304, headers=headers)
    headers |= {
        "content-type": "image/jpeg",
        "x-tile-cache-hit": "true" if picture.cache_hit else "false",
        "x-tile-quality": "source" if picture.quality == AS_STORED else str(picture.quality),
        "x-content-type-options": "nosniff",
        **(extra or {}),
    }
    return Response(picture.data, headers=headers)


def _etag(slide: Slide, name: str) -> str:
    return f'"{slide.version}-{name}"'
