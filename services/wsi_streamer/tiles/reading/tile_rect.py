"""Rectangles of tiles of one level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Position = tuple[int, int]
"""Column and row of a tile."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a window or a whole level, in tiles."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class TileRect:
    """Columns ``left`` to ``right - 1``, rows ``top`` to ``bottom - 1``."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, positions: Iterable[Position]) -> TileRect:
        """The smallest that holds all positions, of which there is one at least."""
        xs, ys = zip(*positions, strict=True)
        return cls(min(xs), min(ys), max(xs) + 1, max(ys) + 1)

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    def positions(self) -> list[Position]:
        """Row by row."""
        return [(x, y) for y in range(self.top, self.bottom) for x in range(self.left, self.right)]

    def clipped(self, width: int, height: int) -> TileRect:
        """What of it lies in a level of ``width`` x ``height`` tiles; may be empty."""
        left, top = min(max(self.left, 0), width), min(max(self.top, 0), height)
        return TileRect(left, top, max(left, min(self.right, width)), max(top, min(self.bottom, height)))

    def distance(self, x: int, y: int) -> tuple[int, int]:
        """How many columns and rows a tile is away from it; 0 inside."""
        return max(self.left - x, x - self.right + 1, 0), max(self.top - y, y - self.bottom + 1, 0)

    def with_position(self, x: int, y: int) -> TileRect:
        """Grown by a tile."""
        return TileRect(min(self.left, x), min(self.top, y), max(self.right, x + 1), max(self.bottom, y + 1))
