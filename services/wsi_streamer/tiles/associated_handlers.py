"""GET /slides/{id}/associated-images/{name}."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import Parameter

from wsi_streamer.access.associated import ASSOCIATED_NAMES, permission_for, require
from wsi_streamer.access.gate import Refused
from wsi_streamer.access.permissions import Permission
from wsi_streamer.slides.errors import NotFound
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.parameters import asked_quality, parse_whole
from wsi_streamer.tiles.picture_response import picture_response
from wsi_streamer.tiles.slide_handlers import raw_segments
from wsi_streamer.tiles.thumbnail_handlers import THUMBNAIL_QUALITY, clamped
from wsi_streamer.tiles.thumbnails import MAX_SIZE, MIN_SIZE
from wsi_streamer.tiles.tile_maker import Picture


def associated_handlers(context: TileContext) -> list[Any]:
    """The handler, for one process's context."""

    @get(
        "/slides/{slide_id:str}/associated-images/{name:str}",
        summary="Label, macro or thumbnail",
        tags=["slides"],
        media_type="image/jpeg",
    )
    async def get_associated_image(
        request: Request[Any, Any, Any],
        max_size: str | None = Parameter(
            default=None, description="Longest side in pixels, clamped to 64 to 2048; never enlarged. 2048 unless told."
        ),
        quality: str | None = Parameter(default=None, description="JPEG quality, 1 to 100; 80 unless told."),
    ) -> Response[bytes]:
        name: str = request.path_params["name"]
        admitted = await context.admit_to_slide(
            context.asked(request.scope), raw_segments(request)[2], permission_for(name)
        )
        if name not in ASSOCIATED_NAMES:
            raise NotFound("There is no such image: it is label, macro or thumbnail.")
        asked = parse_whole("max_size", max_size, MAX_SIZE)
        size = min(MAX_SIZE, max(MIN_SIZE, asked))
        actual = asked_quality(admitted.params) or THUMBNAIL_QUALITY

        async def make(slide: Slide) -> Picture:
            return await context.associated.get(slide, name, size, actual)

        async def allow(slide: Slide) -> None:
            """What it takes is known only now that the slide's format is."""
            need = permission_for(name, slide.format)
            try:
                require(admitted.caller, need)
            except Refused as error:
                raise context.denied(error, admitted) from None
            context.associated.ensure(slide, name)
            if need is not Permission.TILES:
                await context.audit.act(
                    f"{name}-view", admitted.caller, admitted.asked.address, slide_id=slide.id, key=slide.key
                )

        return await picture_response(
            request,
            context,
            admitted,
            name if name != "thumbnail" else "scanner-thumbnail",
            f"associated-{name}-{size}-{actual}",
            make,
            clamped(asked, size),
            allow=allow,
            sensitive=permission_for(name) is not Permission.TILES,
        )

    return [get_associated_image]
