"""One level of a slide's pyramid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wsi_streamer.slides.errors import TileOutOfBounds
from wsi_streamer.slides.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Level:
    """A stored resolution of a slide, cut into tiles of one size. Tiles are full size at the right and bottom
    edges too: what lies beyond ``width`` and ``height`` is padding."""

    index: int
    """0 is full resolution; downsamples grow with the index, whatever the order in the file."""

    width: int
    """Pixels."""

    height: int
    """Pixels."""

    tile_width: int
    """Pixels."""

    tile_height: int
    """Pixels."""

    downsample: float
    """Level 0's size over this one's, the mean of both axes; seldom a whole number (2.0005, 4.016)."""

    recipe: Recipe

    object_index: int = 0
    """Which of the slide's objects holds the tiles."""

    planes: int = 1
    """Focal planes times channels."""

    ranges: int = 1
    """Byte ranges a tile: one, or one a sample where samples are stored apart."""

    sparse: Literal["background", "finer"] = "background"
    """What a tile without bytes shows: white, or (Aperio) the same field of the next finer level."""

    @property
    def tiles_x(self) -> int:
        """Tiles a row."""
        return -(-self.width // self.tile_width)

    @property
    def tiles_y(self) -> int:
        """Rows of tiles."""
        return -(-self.height // self.tile_height)

    @property
    def entries(self) -> int:
        """How many entries the level's tile table has."""
        return self.planes * self.tiles_y * self.tiles_x * self.ranges

    def entry(self, x: int, y: int, plane: int = 0) -> int:
        """The table entry of a tile's first byte range; the others follow.

        Raises:
            TileOutOfBounds: the level has no such tile.
        """
        if not (0 <= x < self.tiles_x and 0 <= y < self.tiles_y):
            raise TileOutOfBounds(
                f"Tile ({x}, {y}) is outside level {self.index}, which has {self.tiles_x} x {self.tiles_y} tiles "
                f"(x 0 to {self.tiles_x - 1}, y 0 to {self.tiles_y - 1})."
            )
        return ((plane * self.tiles_y + y) * self.tiles_x + x) * self.ranges
