"""Pictures made of several stored tiles: DZI levels that no stored level matches, cropped edges, thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wsi_streamer.codecs.decode import decode
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.errors import Busy
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.deep_zoom import PixelRect
from wsi_streamer.tiles.open_slide import ReadableLevel, readable_levels
from wsi_streamer.tiles.tile_reader import TileParts, TileReader

MAX_TILES = 64
"""Stored tiles that one made tile reads at most."""

Pixels = npt.NDArray[np.uint8]
Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Field:
    """A rectangle of a level in that level's pixels; edges may fall within a pixel."""

    left: float
    top: float
    right: float
    bottom: float

    def tiles(self, level: Level) -> list[Position]:
        """The tiles it touches."""
        first_x, first_y = int(self.left) // level.tile_width, int(self.top) // level.tile_height
        last_x = min(level.tiles_x - 1, (-int(-self.right // 1) - 1) // level.tile_width)
        last_y = min(level.tiles_y - 1, (-int(-self.bottom // 1) - 1) // level.tile_height)
        return [(x, y) for y in range(first_y, last_y + 1) for x in range(first_x, last_x + 1)]


def project(rect: PixelRect, width: int, height: int, level: Level) -> Field:
    """Where a rectangle of a picture of the whole slide, ``width`` x ``height`` pixels, lies in a level."""
    scale_x, scale_y = level.width / width, level.height / height
    return Field(
        rect.x * scale_x,
        rect.y * scale_y,
        min((rect.x + rect.width) * scale_x, level.width),
        min((rect.y + rect.height) * scale_y, level.height),
    )


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


def render(level: Level, parts: Mapping[Position, TileParts], field: Field, width: int, height: int) -> Pixels:
    """Decode, join and resize tiles. Returns (height, width, 3) RGB.

    Each tile is halved as often as the result allows before it is joined, so that 64 tiles of any size never stand
    in memory at full resolution together.
    """
    first_x, first_y = min(x for x, _ in parts), min(y for _, y in parts)
    columns, rows = max(x for x, _ in parts) - first_x + 1, max(y for _, y in parts) - first_y + 1
    scale = min((field.right - field.left) / width, (field.bottom - field.top) / height)
    factor = _reduction(level, scale)
    tile_width, tile_height = level.tile_width // factor, level.tile_height // factor
    canvas = np.full((rows * tile_height, columns * tile_width, 3), 255, np.uint8)
    for (x, y), stored in parts.items():
        if stored is None:
            continue
        tile = _without_padding(level, x, y, decode(level.recipe, stored, level.tile_width, level.tile_height))
        if factor > 1:
            tile = shrink(tile, tile_width, tile_height)
        top, left = (y - first_y) * tile_height, (x - first_x) * tile_width
        canvas[top : top + tile_height, left : left + tile_width] = tile
    origin_x, origin_y = first_x * level.tile_width, first_y * level.tile_height
    box = (
        (field.left - origin_x) / factor,
        (field.top - origin_y) / factor,
        min((field.right - origin_x) / factor, canvas.shape[1]),
        min((field.bottom - origin_y) / factor, canvas.shape[0]),
    )
    return shrink(canvas, width, height, box=box)


def _reduction(level: Level, scale: float) -> int:
    factor = 1
    while factor * 2 <= scale and level.tile_width % (factor * 2) == 0 and level.tile_height % (factor * 2) == 0:
        factor *= 2
    return factor


def _without_padding(level: Level, x: int, y: int, tile: Pixels) -> Pixels:
    """The tile with its padding replaced by its last true row and column, lest the padding bleed into the edge."""
    width = min(level.tile_width, level.width - x * level.tile_width)
    height = min(level.tile_height, level.height - y * level.tile_height)
    if (width, height) == (level.tile_width, level.tile_height):
        return tile
    pad = ((0, level.tile_height - height), (0, level.tile_width - width), (0, 0))
    return np.pad(tile[:height, :width], pad, mode="edge")


def padded(pixels: Pixels, width: int, height: int) -> Pixels:
    """A picture on a white ground of a tile's full size."""
    if pixels.shape[:2] == (height, width):
        return pixels
    tile = np.full((height, width, 3), 255, np.uint8)
    tile[: pixels.shape[0], : pixels.shape[1]] = pixels
    return tile
