"""Deep Zoom: /slides/{id}/dzi with its tiles in dzi_files, and /slides/{id}.dzi with its tiles in {id}_files."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from wsi_streamer.slides.errors import InvalidLevel, NotFound, TileOutOfBounds
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.deep_zoom import DeepZoom
from wsi_streamer.tiles.parameters import asked_quality, parse_index
from wsi_streamer.tiles.picture_response import picture_response
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.who_asks import who_asks

AnyRequest = Request[Any, Any, Any]

_DZI = b".dzi"
_FILES = b"_files"


def zoom_of(slide: Slide) -> DeepZoom:
    """The slide's Deep Zoom pyramid: its tiles are as wide as those of level 0, so that levels can match."""
    return DeepZoom(slide.width, slide.height, slide.level(0).tile_width)


def deep_zoom_handlers(context: TileContext) -> list[Any]:
    """The handlers, for one process's context."""

    @get("/slides/{slide_id:str}/dzi", summary="Deep Zoom descriptor", tags=["Deep Zoom"])
    async def get_dzi(request: AnyRequest) -> Response[bytes]:
        return await _descriptor(context, request, raw_segments(request)[2])

    @get("/slides/{slide_id:str}/dzi_files/{level:str}/{name:str}", summary="Deep Zoom tile", tags=["Deep Zoom"])
    async def get_dzi_tile(request: AnyRequest) -> Response[bytes]:
        segments = raw_segments(request)
        return await _tile(context, request, segments[2], segments[4], segments[5])

    # /slides/{id}.dzi, which app.py routes here
    @get("/slides/{slide_file:str}/dzi_file", include_in_schema=False)
    async def get_dzi_file(request: AnyRequest) -> Response[bytes]:
        segment = raw_segments(request)[2]
        if not segment.endswith(_DZI):
            raise NotFound("There is nothing here.")
        return await _descriptor(context, request, segment.removesuffix(_DZI))

    # /slides/{id}_files/{level}/{column}_{row}.jpg: where Deep Zoom readers look for the tiles of /slides/{id}.dzi
    @get("/slides/{slide_files:str}/{level:str}/{name:str}", include_in_schema=False)
    async def get_dzi_file_tile(request: AnyRequest) -> Response[bytes]:
        segments = raw_segments(request)
        if not segments[2].endswith(_FILES):
            raise NotFound("There is nothing here.")
        return await _tile(context, request, segments[2].removesuffix(_FILES), segments[3], segments[4])

    return [get_dzi, get_dzi_tile, get_dzi_file, get_dzi_file_tile]


async def _descriptor(context: TileContext, request: AnyRequest, segment: bytes) -> Response[bytes]:
    admitted = await context.admit_to_slide(context.asked(request.scope), segment)
    slide = await context.registry.get(admitted.ref)
    caching, versioned = context.caching, admitted.params.get("v") == slide.version
    headers = {
        "cache-control": caching.versioned if versioned else caching.unversioned,
        "content-type": "application/xml",
        "x-content-type-options": "nosniff",
    }
    return Response(zoom_of(slide).descriptor().encode(), headers=headers)


async def _tile(
    context: TileContext, request: AnyRequest, segment: bytes, level: bytes, name: bytes
) -> Response[bytes]:
    admitted = await context.admit_to_slide(context.asked(request.scope), segment)
    quality = asked_quality(admitted.params)
    index = parse_index(level)
    if index is None:
        raise InvalidLevel("Invalid Deep Zoom level: it must be a whole number.")
    column, separator, row = name.removesuffix(b".jpg").partition(b"_")
    x, y = parse_index(column), parse_index(row)
    if x is None or y is None or not separator:
        raise TileOutOfBounds("Invalid Deep Zoom tile: its name must be {column}_{row}.jpg.")
    who = who_asks(admitted)
    asked = context.maker.default_quality if quality is None else quality
    return await picture_response(
        request,
        context,
        admitted,
        "deep-zoom",
        f"dzi-{index}-{x}-{y}-{asked}{'' if quality is None else 'q'}",
        lambda slide: context.maker.deep_zoom(slide, zoom_of(slide), index, x, y, quality, who),
    )
