"""GET /slides/{id}/thumbnail."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import Parameter

from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.parameters import asked_quality, parse_whole
from wsi_streamer.tiles.picture_response import picture_response
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.thumbnails import DEFAULT_SIZE, MAX_SIZE, MIN_SIZE

THUMBNAIL_QUALITY = 80


def thumbnail_handlers(context: TileContext) -> list[Any]:
    """The handler, for one process's context."""

    @get("/slides/{slide_id:str}/thumbnail", summary="Thumbnail", tags=["slides"])
    async def get_thumbnail(
        request: Request[Any, Any, Any],
        max_size: str | None = Parameter(default=None, description="Longest side in pixels, clamped to 64 to 2048."),
        quality: str | None = Parameter(default=None, description="JPEG quality, 1 to 100; 80 unless told."),
    ) -> Response[bytes]:
        admitted = await context.admit_to_slide(context.asked(request.scope), raw_segments(request)[2])
        asked = parse_whole("max_size", max_size, DEFAULT_SIZE)
        size = min(MAX_SIZE, max(MIN_SIZE, asked))
        actual = asked_quality(admitted.params) or THUMBNAIL_QUALITY
        return await picture_response(
            request,
            context,
            admitted,
            "thumbnail",
            f"thumbnail-{size}-{actual}",
            lambda slide: context.thumbnails.get(slide, size, actual),
            clamped(asked, size),
        )

    return [get_thumbnail]


def clamped(asked: int, size: int) -> dict[str, str]:
    """Headers that say that a picture is of another size than was asked for."""
    if asked == size:
        return {}
    return {
        "x-thumbnail-size-clamped": "true",
        "x-thumbnail-requested-size": str(asked),
        "x-thumbnail-actual-size": str(size),
    }
