"""A picture as an answer of Litestar's handlers: conditional, cacheable."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.cache_control import CachePolicy
from wsi_streamer.tiles.etag import etag_matches
from wsi_streamer.tiles.tile_maker import AS_STORED, Picture


def picture_response(
    request: Request[Any, Any, Any],
    caching: CachePolicy,
    slide: Slide,
    picture: Picture,
    name: str,
    extra: dict[str, str] | None = None,
) -> Response[bytes]:
    """``name`` tells the picture from all others of the slide's version."""
    etag = f'"{slide.version}-{name}-{picture.quality}"'
    versioned = request.query_params.get("v") == slide.version
    headers = {"cache-control": caching.versioned if versioned else caching.unversioned, "etag": etag}
    if etag_matches(request.headers.get("if-none-match", ""), etag):
        return Response(b"", status_code=304, headers=headers)
    headers |= {
        "content-type": "image/jpeg",
        "x-tile-cache-hit": "true" if picture.cache_hit else "false",
        "x-tile-quality": "source" if picture.quality == AS_STORED else str(picture.quality),
        "x-content-type-options": "nosniff",
        **(extra or {}),
    }
    return Response(picture.data, headers=headers)
