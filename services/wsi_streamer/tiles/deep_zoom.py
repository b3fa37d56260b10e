"""Deep Zoom geometry: levels by halving, from 1 x 1 pixel up to the whole slide. Pure arithmetic.

Source: the DZI format as Seadragon and OpenSeadragon read it. Level ``n`` of ``max_level`` has the slide's size
divided by 2^(max_level - n), rounded up; tiles at the right and bottom edges are cropped.
"""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.slides.errors import InvalidLevel, TileOutOfBounds
from wsi_streamer.slides.geometry import PixelRect
from wsi_streamer.slides.level import Level


@dataclass(frozen=True, slots=True)
class DeepZoom:
    """The Deep Zoom pyramid of a slide."""

    width: int
    """Pixels at full resolution."""

    height: int
    tile_size: int

    @property
    def max_level(self) -> int:
        """The full-resolution level."""
        return (max(self.width, self.height) - 1).bit_length()

    def level_size(self, level: int) -> tuple[int, int]:
        """Width and height of a level in pixels.

        Raises:
            InvalidLevel: there is no such level.
        """
        if not 0 <= level <= self.max_level:
            raise InvalidLevel(f"Deep Zoom level {level} does not exist: this slide has levels 0 to {self.max_level}.")
        scale = 1 << (self.max_level - level)
        return -(-self.width // scale), -(-self.height // scale)

    def tile_rect(self, level: int, column: int, row: int) -> PixelRect:
        """The field of one tile, cropped at the edges.

        Raises:
            InvalidLevel: there is no such level.
            TileOutOfBounds: the level has no such tile.
        """
        width, height = self.level_size(level)
        columns, rows = -(-width // self.tile_size), -(-height // self.tile_size)
        if not (0 <= column < columns and 0 <= row < rows):
            raise TileOutOfBounds(
                f"Tile ({column}, {row}) is outside Deep Zoom level {level}, which has {columns} x {rows} tiles."
            )
        x, y = column * self.tile_size, row * self.tile_size
        return PixelRect(x, y, min(self.tile_size, width - x), min(self.tile_size, height - y))

    def descriptor(self) -> str:
        """The DZI file."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" '
            f'TileSize="{self.tile_size}" Overlap="0" Format="jpg">'
            f'<Size Width="{self.width}" Height="{self.height}"/></Image>'
        )


def matches(level: Level, width: int, height: int) -> bool:
    """Whether a stored level is a made one of this size: real pyramids round either way."""
    return abs(level.width - width) <= 1 and abs(level.height - height) <= 1
