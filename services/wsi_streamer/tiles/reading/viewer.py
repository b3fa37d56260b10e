"""Someone who looks at one slide, as far as the order of requests tells: the views of this moment, and what was promised."""

from __future__ import annotations

from collections import deque

from wsi_streamer.slides.level import Level
from wsi_streamer.tiles.reading.budget import Budget
from wsi_streamer.tiles.reading.screen import Screen
from wsi_streamer.tiles.reading.tile_rect import TileRect
from wsi_streamer.tiles.reading.view import View

MAX_VIEWS = 8
MAX_HINTS = 4

HINT_BYTES = 64_000_000
"""What may be read for hints of one viewer before it asks for any of it."""


class Viewer:
    """Several people who can't be told apart are one: a guess that is wrong for them costs bytes, nothing else."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.guess_budget = Budget()
        self.hint_budget = Budget(first=HINT_BYTES, most=HINT_BYTES)
        self._views: deque[View] = deque(maxlen=MAX_VIEWS)
        self._hints: deque[tuple[int, TileRect]] = deque(maxlen=MAX_HINTS)

    def hints(self, level: Level, rect: TileRect) -> None:
        """It said itself what it will ask for."""
        self._hints.append((level.index, rect))

    def has_hinted(self, level: Level, x: int, y: int) -> bool:
        """Whether a tile is one that it said it will ask for: nothing is to be guessed from that."""
        return any(level.index == index and rect.distance(x, y) == (0, 0) for index, rect in self._hints)

    def asks(self, level: Level, x: int, y: int, now: float, moment: float) -> tuple[View, bool]:
        """Note that a tile is asked for.

        Args:
            level: the tile's; ``x`` and ``y`` its column and row.
            now: seconds.
            moment: seconds within which tiles belong together.

        Returns:
            The view that it belongs to, perhaps one that begins with it, and whether it is new there.
        """
        for view in [view for view in self._views if now - view.last > moment]:
            self._views.remove(view)
            self.screen.learn(view.level, view.box, len(view.asked))
        window = self.screen.window(level)
        for view in self._views:
            if view.is_near(level, x, y, window):
                is_new = (x, y) not in view.asked
                view.add(x, y, now)
                return view, is_new
        view = View(level, x, y, now)
        self._views.append(view)
        return view, True
