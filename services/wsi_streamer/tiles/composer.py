"""Pictures made of several stored tiles: DZI levels that no stored level matches, cropped edges, thumbnails."""

from __future__ import annotations

from collections.abc import Callable

from wsi_streamer.codecs.compose import Pixels, render
from wsi_streamer.slides.errors import Busy
from wsi_streamer.slides.geometry import Field, PixelRect, project
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.open_slide import ReadableLevel, readable_levels
from wsi_streamer.tiles.tile_reader import TileReader

MAX_TILES = 64
"""Stored tiles that one made tile reads at most."""


def source_for(slide: Slide, width: int, height: int, rect: PixelRect) -> ReadableLevel | None:
    """The coarsest level that has at least the resolution of a whole-slide picture of ``width`` x ``height`` and
    covers ``rect`` of it with at most `MAX_TILES` tiles; None where there is none (yet)."""
    for source in readable_levels(slide):
        level = source.level
        if level.width < width - 1 or level.height < height - 1:
            continue
        if len(project(rect, width, height, level).tiles(level)) <= MAX_TILES:
            return source
        # A finer level would take more tiles still.
        return None
    return None


class Composer:
    """Reads the tiles a field touches, and says how to render them."""

    def __init__(self, reader: TileReader) -> None:
        self._reader = reader

    async def field(self, slide: Slide, width: int, height: int, rect: PixelRect) -> Callable[[], Pixels]:
        """The rectangle ``rect`` of a picture of the whole slide that is ``width`` x ``height`` pixels.

        What comes back decodes and resizes, and is to be called in a thread.

        Raises:
            Busy: no level is coarse enough yet to make it from at most `MAX_TILES` tiles.
        """
        source = source_for(slide, width, height, rect)
        if source is None:
            raise Busy("An overview of this slide is still being made; try again in a few seconds.", retry_after=5)
        return await self.field_of(slide, source, project(rect, width, height, source.level), rect.width, rect.height)

    async def field_of(
        self, slide: Slide, source: ReadableLevel, field: Field, width: int, height: int
    ) -> Callable[[], Pixels]:
        """A field of one level, resized to ``width`` x ``height`` pixels; to be called in a thread."""
        parts = await self._reader.tiles(slide, source, field.tiles(source.level))
        return lambda: render(source.level, parts, field, width, height)
