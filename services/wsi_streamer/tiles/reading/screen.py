"""How large a window someone looks through, as far as the tiles asked for tell."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence

from wsi_streamer.slides.level import Level
from wsi_streamer.tiles.reading.tile_rect import Size, TileRect

USUAL = (1920, 1080)
"""Pixels; taken for a window that nothing is known of yet."""

LARGEST = 8192
"""Pixels a side: an 8K screen. What asks for more is no screen."""

MAX_SIDE = 64
"""Tiles a side."""

REMEMBERED = 3
"""Views whose median is the window."""

TELLING = 3
"""Columns and rows below which a view says nothing of a window: it is a strip."""

FILLED = 0.6
"""Share of a view's box that was asked for, below which it is no window at all."""


class Screen:
    """One for each client address, whatever it looks at."""

    def __init__(self) -> None:
        self._widths: deque[int] = deque([USUAL[0]], maxlen=REMEMBERED)
        self._heights: deque[int] = deque([USUAL[1]], maxlen=REMEMBERED)
        self.is_known = False
        """Whether a window of tiles was asked for: then one tile is likely the first of many."""

    def window(self, level: Level) -> Size:
        """In tiles of a level, as it was of late."""
        return Size(
            min(math.ceil(_of_late(self._widths) / level.tile_width), MAX_SIDE),
            min(math.ceil(_of_late(self._heights) / level.tile_height), MAX_SIDE),
        )

    def learn(self, level: Level, box: TileRect, asked: int) -> None:
        """A view has ended: ``asked`` tiles of a level, all in ``box``."""
        if min(box.width, box.height) < TELLING or asked < FILLED * box.width * box.height:
            return
        if not self.is_known:
            # What was taken for granted gives way to the first window that was seen.
            self._widths.clear()
            self._heights.clear()
            self.is_known = True
        self._widths.append(min(box.width * level.tile_width, LARGEST))
        self._heights.append(min(box.height * level.tile_height, LARGEST))


def _of_late(sizes: Sequence[int]) -> int:
    """The median; but a larger one is believed at once, since a view may stay smaller than its window and never larger."""
    return max(statistics.median_low(sizes), sizes[-1])
