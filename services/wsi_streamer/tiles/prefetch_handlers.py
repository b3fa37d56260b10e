"""POST /tiles/{id}/prefetch: a viewer says which tiles it is about to ask for."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.params import JSONBody

from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.reading.tile_rect import TileRect
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.tile_route import who_asks

MAX_BODY_BYTES = 1024

Whole = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Count = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class Hint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tiles of one level."""

    level: Whole
    x: Whole
    """First column."""
    y: Whole
    """First row."""
    width: Count
    """Columns."""
    height: Count
    """Rows."""


def prefetch_handlers(context: TileContext) -> list[Any]:
    """The handler, for one process's context."""

    @post(
        "/tiles/{slide_id:str}/prefetch",
        status_code=202,
        summary="Announce the tiles that will be asked for next",
        tags=["tiles"],
        operation_id="prefetchTiles",
        request_max_body_size=MAX_BODY_BYTES,
    )
    async def prefetch(request: Request[Any, Any, Any], data: JSONBody[Hint]) -> Response[bytes]:
        admitted = await context.admit_to_slide(
            request.scope["raw_path"], request.scope["query_string"], raw_segments(request)[2]
        )
        rect = TileRect(data.x, data.y, data.x + data.width, data.y + data.height)
        context.prefetcher.take(admitted.ref, data.level, rect, who_asks(request.scope))
        return Response(b"", status_code=202)

    return [prefetch]
