"""GET /slides/{id}/thumbnail and Deep Zoom: /slides/{id}/dzi with its tiles, and /slides/{id}.dzi with its _files."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import Parameter

from wsi_streamer.slides.errors import InvalidLevel, InvalidQuality, NotFound, TileOutOfBounds
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.context import Admitted, TileContext
from wsi_streamer.tiles.deep_zoom import DeepZoom
from wsi_streamer.tiles.parameters import parse_index, parse_quality, parse_whole
from wsi_streamer.tiles.picture_response import picture_response
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.thumbnails import DEFAULT_SIZE, MAX_SIZE, MIN_SIZE

AnyRequest = Request[Any, Any, Any]

THUMBNAIL_QUALITY = 80
_DZI = b".dzi"
_FILES = b"_files"


def zoom_of(slide: Slide) -> DeepZoom:
    """The slide's Deep Zoom pyramid: its tiles are as wide as those of level 0, so that levels can match."""
    return DeepZoom(slide.width, slide.height, slide.level(0).tile_width)


def picture_handlers(context: TileContext) -> list[Any]:
    """The handlers, for one process's context."""

    async def admit(request: AnyRequest, segment: bytes) -> Admitted:
        return await context.admit_to_slide(request.scope["raw_path"], request.scope["query_string"], segment)

    async def descriptor(request: AnyRequest, segment: bytes) -> Response[bytes]:
        admitted = await admit(request, segment)
        slide = await context.registry.get(admitted.ref)
        headers = {"content-type": "application/xml", "cache-control": context.caching.unversioned,
                   "x-content-type-options": "nosniff"}  # fmt: skip
        return Response(zoom_of(slide).descriptor().encode(), headers=headers)

    async def tile(request: AnyRequest, segment: bytes, level: bytes, name: bytes) -> Response[bytes]:
        admitted = await admit(request, segment)
        quality = _quality(admitted)
        index = parse_index(level)
        if index is None:
            raise InvalidLevel("Invalid Deep Zoom level: it must be a whole number.")
        column, separator, row = name.removesuffix(b".jpg").partition(b"_")
        x, y = parse_index(column), parse_index(row)
        if x is None or y is None or not separator:
            raise TileOutOfBounds("Invalid Deep Zoom tile: its name must be {column}_{row}.jpg.")
        slide, picture = await context.with_slide(
            admitted.ref, lambda slide: context.maker.deep_zoom(slide, zoom_of(slide), index, x, y, quality)
        )
        return picture_response(request, context.caching, slide, picture, f"dzi-{index}-{x}-{y}")

    @get("/slides/{slide_id:str}/dzi", summary="Deep Zoom descriptor", tags=["Deep Zoom"])
    async def get_dzi(request: AnyRequest, slide_id: str) -> Response[bytes]:
        return await descriptor(request, raw_segments(request)[2])

    @get("/slides/{slide_id:str}/dzi_files/{level:str}/{name:str}", summary="Deep Zoom tile", tags=["Deep Zoom"])
    async def get_dzi_tile(request: AnyRequest, slide_id: str, level: str, name: str) -> Response[bytes]:
        segments = raw_segments(request)
        return await tile(request, segments[2], segments[4], segments[5])

    # /slides/{id}.dzi, which app.py routes here
    @get("/slides/{slide_file:str}/dzi_file", include_in_schema=False)
    async def get_dzi_file(request: AnyRequest, slide_file: str) -> Response[bytes]:
        segment = raw_segments(request)[2]
        if not segment.endswith(_DZI):
            raise NotFound("There is nothing here.")
        return await descriptor(request, segment.removesuffix(_DZI))

    # /slides/{id}_files/{level}/{column}_{row}.jpg: where Deep Zoom readers look for the tiles of /slides/{id}.dzi
    @get("/slides/{slide_files:str}/{level:str}/{name:str}", include_in_schema=False)
    async def get_dzi_file_tile(request: AnyRequest, slide_files: str, level: str, name: str) -> Response[bytes]:
        segments = raw_segments(request)
        if not segments[2].endswith(_FILES):
            raise NotFound("There is nothing here.")
        return await tile(request, segments[2].removesuffix(_FILES), segments[3], segments[4])

    @get("/slides/{slide_id:str}/thumbnail", summary="Thumbnail", tags=["slides"])
    async def get_thumbnail(
        request: AnyRequest,
        slide_id: str,
        max_size: str | None = Parameter(default=None, description="Longest side in pixels, clamped to 64 to 2048."),
        quality: str | None = Parameter(default=None, description="JPEG quality, 1 to 100; 80 unless told."),
    ) -> Response[bytes]:
        admitted = await admit(request, raw_segments(request)[2])
        asked = parse_whole("max_size", max_size, DEFAULT_SIZE)
        size = min(MAX_SIZE, max(MIN_SIZE, asked))
        actual = _quality(admitted) or THUMBNAIL_QUALITY
        slide, picture = await context.with_slide(
            admitted.ref, lambda slide: context.thumbnails.get(slide, size, actual)
        )
        clamped = {} if size == asked else {
            "x-thumbnail-size-clamped": "true",
            "x-thumbnail-requested-size": str(asked),
            "x-thumbnail-actual-size": str(size),
        }  # fmt: skip
        return picture_response(request, context.caching, slide, picture, f"thumbnail-{size}", clamped)

    return [get_dzi, get_dzi_tile, get_dzi_file, get_dzi_file_tile, get_thumbnail]


def _quality(admitted: Admitted) -> int | None:
    """The quality that was asked for.

    Raises:
        InvalidQuality: not a whole number from 1 to 100.
    """
    text = admitted.params.get("quality")
    if text == "":
        raise InvalidQuality("Invalid quality: it must be a whole number from 1 to 100.")
    return None if text is None else parse_quality(text)
