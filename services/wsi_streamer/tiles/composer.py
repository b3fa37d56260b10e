"""Pictures made of several stored tiles: DZI levels that no stored level matches, cropped edges, thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from wsi_streamer.codecs.compose import Finer, Pixels, Position, TileContent, fields_beneath, render
from wsi_streamer.slides.errors import Busy
from wsi_streamer.slides.geometry import Field, PixelRect, project
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.open_slide import ReadableLevel, readable_levels, stored_level
from wsi_streamer.tiles.reading.tile_reader import TileReader

MAX_TILES = 64
"""Stored tiles that one made tile reads at most."""

MAX_FINER = 64
"""Tiles of finer levels that it reads in place of sparse ones at most; what goes beyond is white."""

_log = structlog.get_logger("wsi_streamer.tiles")


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
        """A field of one level, resized to ``width`` x ``height`` pixels; to be called in a thread.

        Sparse tiles show what the level says of them; tiles that don't decode are grey.
        """
        parts = await self._contents(slide, source, field.tiles(source.level), MAX_FINER)

        def work() -> Pixels:
            damaged: list[Position] = []
            pixels = render(source.level, parts, field, width, height, damaged)
            if damaged:
                _log.warning("tiles of a slide don't decode", slide=slide.id, tiles=len(damaged))
            return pixels

        return work

    async def _contents(
        self, slide: Slide, source: ReadableLevel, positions: Sequence[Position], most: int
    ) -> dict[Position, TileContent]:
        """Tiles of one level; in place of its sparse ones, at most ``most`` of finer levels."""
        level = source.level
        found: dict[Position, TileContent] = {**await self._reader.tiles(slide, source, positions)}
        sparse = [at for at, stored in found.items() if stored is None]
        if not sparse or source.overview or level.sparse == "background" or level.index == 0:
            return found
        finer = stored_level(slide, level.index - 1)
        fields = fields_beneath(level, finer.level, sparse, most)
        touched = {at: field.tiles(finer.level) for at, field in fields.items()}
        wanted = sorted({p for some in touched.values() for p in some}, key=lambda p: (p[1], p[0]))
        if wanted:
            beneath = await self._contents(slide, finer, wanted, most - len(wanted))
            for at, some in touched.items():
                found[at] = Finer(finer.level, {p: beneath[p] for p in some}, fields[at])
        return found
