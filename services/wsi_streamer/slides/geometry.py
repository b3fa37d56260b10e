"""Rectangles, and where they lie in a level. Pure arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wsi_streamer.slides.level import Level


@dataclass(frozen=True, slots=True)
class PixelRect:
    """A field of a level, in that level's whole pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a level whose edges may fall within a pixel."""

    left: float
    top: float
    right: float
    bottom: float

    def tiles(self, level: Level) -> list[tuple[int, int]]:
        """The tiles it touches, row by row."""
        first_x, first_y = int(self.left) // level.tile_width, int(self.top) // level.tile_height
        last_x = min(level.tiles_x - 1, (math.ceil(self.right) - 1) // level.tile_width)
        last_y = min(level.tiles_y - 1, (math.ceil(self.bottom) - 1) // level.tile_height)
        return [(x, y) for y in range(first_y, last_y + 1) for x in range(first_x, last_x + 1)]


def project(rect: PixelRect, width: int, height: int, level: Level) -> Field:
    """Where a rectangle of a picture of the whole slide, ``width`` x ``height`` pixels, lies in a level.

    Pyramids are made by halving and then rounding, either way: 2222 pixels of 4443 are exactly two to one, and the last of
    them is cut off. Stretched over the level instead, its tiles would touch slivers of twice as many of the level's.
    """
    scale = _whole_scale(width, height, level)
    if scale:
        field = _scaled(rect, scale, scale, level)
        # Where both sizes were rounded, the last pixel may lie beyond the level.
        if min(field.right - field.left, field.bottom - field.top) >= scale / 2:
            return field
    return _scaled(rect, level.width / width, level.height / height, level)


def _whole_scale(width: int, height: int, level: Level) -> float:
    """The power of 2 by which the level is larger, within a pixel of the smaller; 0 if none is."""
    scale = 2.0 ** round(math.log2(level.width / width))
    if scale >= 1 and abs(level.width / scale - width) < 1 and abs(level.height / scale - height) < 1:
        return scale
    return 0


def _scaled(rect: PixelRect, scale_x: float, scale_y: float, level: Level) -> Field:
    return Field(
        rect.x * scale_x,
        rect.y * scale_y,
        min((rect.x + rect.width) * scale_x, level.width),
        min((rect.y + rect.height) * scale_y, level.height),
    )
