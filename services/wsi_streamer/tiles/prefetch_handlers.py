"""POST /tiles/{id}/prefetch: a viewer says which tiles it is about to ask for."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from wsi_streamer.tiles.context import Admitted, TileContext
from wsi_streamer.tiles.reading.tile_rect import TileRect
from wsi_streamer.tiles.who_asks import who_asks

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

    async def may_see_the_slide(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Comes before the body is looked at. A page of another origin can send this type only where CORS allows it."""
        asked = context.asked(connection.scope)
        connection.state.admitted = await context.admit_to_slide(asked, asked.raw_path.split(b"/")[2])
        if connection.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException("A hint is sent as application/json", status_code=415)

    @post(
        "/tiles/{slide_id:str}/prefetch",
        status_code=202,
        summary="Announce the tiles that will be asked for next",
        tags=["tiles"],
        operation_id="prefetchTiles",
        request_max_body_size=MAX_BODY_BYTES,
        guards=[may_see_the_slide],
    )
    async def prefetch(request: Request[Any, Any, Any], data: JSONBody[Hint]) -> Response[bytes]:
        admitted: Admitted = request.state.admitted
        rect = TileRect(data.x, data.y, data.x + data.width, data.y + data.height)
        context.prefetcher.take(admitted.ref, data.level, rect, who_asks(admitted))
        return Response(b"", status_code=202)

    return [prefetch]
