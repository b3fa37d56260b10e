"""Someone who looks at slides, as far as the order of requests tells: the views of this moment, and how large they are."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence

from wsi_streamer.slides.level import Level
from wsi_streamer.tiles.reading.budget import Budget
from wsi_streamer.tiles.reading.tile_rect import Size, TileRect
from wsi_streamer.tiles.reading.view import REACH, View

SCREEN = (1920, 1080)
"""Pixels; taken for the window of a viewer nothing is known of yet."""

REMEMBERED = 3
"""Views whose median is the window."""

TELLING = 3
"""Columns (or rows) below which a view says nothing about a window's width (or height): it is a strip."""

FILLED = 0.6
"""Share of a view's box that was asked for, below which it is no window at all."""

MAX_VIEWS = 8

MAX_HINTS = 4


class Viewer:
    """One for each client address: a guess that is wrong for several people behind one costs bytes, nothing else."""

    def __init__(self) -> None:
        self.budget = Budget()
        self._views: deque[View] = deque(maxlen=MAX_VIEWS)
        self._widths: deque[int] = deque([SCREEN[0]], maxlen=REMEMBERED)
        self._heights: deque[int] = deque([SCREEN[1]], maxlen=REMEMBERED)
        self._known = False
        self._hints: deque[tuple[int, int, TileRect]] = deque(maxlen=MAX_HINTS)

    def hints(self, version_id: int, level: Level, rect: TileRect) -> None:
        """It said itself what it will ask for."""
        self._hints.append((version_id, level.index, rect))

    def hinted(self, version_id: int, level: Level, x: int, y: int) -> bool:
        """Whether a tile is one that it said it will ask for: nothing is to be guessed from that."""
        return any(
            version_id == of and level.index == index and rect.distance(x, y) == (0, 0)
            for of, index, rect in self._hints
        )

    def window(self, level: Level) -> Size:
        """Its window in tiles of a level, as it was of late."""
        return Size(
            math.ceil(_of_late(self._widths) / level.tile_width),
            math.ceil(_of_late(self._heights) / level.tile_height),
        )

    def asks(self, version_id: int, level: Level, x: int, y: int, now: float, moment: float) -> tuple[View, bool]:
        """Note that a tile is asked for.

        Args:
            now: seconds.
            moment: seconds within which tiles belong together.

        Returns:
            Its view, and whether that has begun with it.
        """
        window = self.window(level)
        # Twice a window: it may turn out larger than it is known to be, and be filled in any order.
        reach = max(REACH, 2 * window.width - 1), max(REACH, 2 * window.height - 1)
        for view in [view for view in self._views if now - view.last > moment]:
            self._views.remove(view)
            self._learn(view)
        for view in self._views:
            if view.is_near(version_id, level.index, x, y, reach):
                view.add(x, y, now)
                return view, False
        view = View(version_id, level, x, y, now)
        self._views.append(view)
        return view, True

    def _learn(self, view: View) -> None:
        if len(view.asked) < FILLED * view.box.width * view.box.height:
            return
        if view.box.width >= TELLING and view.box.height >= TELLING and not self._known:
            # What was taken for granted gives way to the first window that was seen.
            self._widths.clear()
            self._heights.clear()
            self._known = True
        if view.box.width >= TELLING:
            self._widths.append(view.box.width * view.level.tile_width)
        if view.box.height >= TELLING:
            self._heights.append(view.box.height * view.level.tile_height)


def _of_late(sizes: Sequence[int]) -> int:
    """The median; but a larger one is believed at once, since a view may stay smaller than its window and never larger."""
    return max(statistics.median_low(sizes), sizes[-1])
