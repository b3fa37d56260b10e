"""The tiles of one level that a viewer asked for near each other, in space and in time: a screenful, or a part of it."""

from __future__ import annotations

from wsi_streamer.slides.level import Level
from wsi_streamer.tiles.reading.tile_rect import Position, Size, TileRect

REACH = 7
"""Tiles: what is asked for farther away is another view, unless its viewer's window is large."""

MAX_ASKED = 512
"""Tiles of a view; what is asked for beyond them begins another."""


class View:
    """Grows while its tiles are asked for."""

    def __init__(self, level: Level, x: int, y: int, now: float) -> None:
        self.level = level
        self.asked: dict[Position, None] = {(x, y): None}
        """In order of arrival."""
        self.box = TileRect(x, y, x + 1, y + 1)
        self.last = now
        self.guessed: TileRect | None = None
        """What was guessed for it last."""

    def is_settled(self, x: int, y: int) -> bool:
        """Whether a tile within what was guessed says nothing new: only one at its edge may show that it goes on there."""
        rect = self.guessed
        return rect is not None and rect.left < x < rect.right - 1 and rect.top < y < rect.bottom - 1

    def is_near(self, level: Level, x: int, y: int, window: Size) -> bool:
        """Whether a tile can belong to it; ``window`` is its viewer's as far as it is known."""
        if level.index != self.level.index or len(self.asked) >= MAX_ASKED:
            return False
        columns, rows = self.box.distance(x, y)
        if self.guessed is None:
            # Twice a window: it may turn out larger than it is known to be, and be filled in any order.
            return columns < max(REACH, 2 * window.width) and rows < max(REACH, 2 * window.height)
        # What it may still grow by; else the next screen of a viewer that moves on would become part of this one.
        return columns <= max(2, window.width // 3) and rows <= max(2, window.height // 3)

    def add(self, x: int, y: int, now: float) -> None:
        """A tile was asked for."""
        self.asked[x, y] = None
        self.box = self.box.with_position(x, y)
        self.last = now
