"""The tiles of one level that a viewer asked for near each other, in space and in time: a screenful, or a part of it."""

from __future__ import annotations

from wsi_streamer.slides.level import Level
from wsi_streamer.tiles.reading.tile_rect import Position, TileRect

REACH = 6
"""Tiles: what is asked for farther away is another view, unless its viewer's window is large."""

MAX_ASKED = 512
"""Tiles of a view; what is asked for beyond them begins another."""


class View:
    """Grows while its tiles are asked for."""

    def __init__(self, version_id: int, level: Level, x: int, y: int, now: float) -> None:
        self.version_id = version_id
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

    def is_near(self, version_id: int, level: int, x: int, y: int, reach: tuple[int, int]) -> bool:
        """Whether a tile can belong to it; ``reach`` in columns and rows."""
        if version_id != self.version_id or level != self.level.index or len(self.asked) >= MAX_ASKED:
            return False
        columns, rows = self.box.distance(x, y)
        return columns <= reach[0] and rows <= reach[1]

    def add(self, x: int, y: int, now: float) -> None:
        """A tile was asked for."""
        self.asked[x, y] = None
        self.box = self.box.with_position(x, y)
        self.last = now
