"""A window that has moved: most of it was served before, and what is new lies along its sides. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

from wsi_streamer.tiles.reading.tile_rect import Position, Size, TileRect

MOVED = 0.4
"""Share of a window that was served before, from which on it has moved rather than been opened anew."""

AHEAD = 3
"""A moved window is read further in its direction by this part of its columns, and by a row: columns cost bytes only, each
row a read."""

Served = Callable[[int, int], bool]


def moved_window(asked: Set[Position], box: TileRect, size: Size, level: Size, served: Served) -> TileRect | None:
    """The window that needs the fewest new tiles, with something ahead of it; None where it has not moved.

    Args:
        asked: what was asked for within a moment.
        box: around all of it; no larger than ``size``.
        size: the window's.
        level: all tiles of the level.
        served: whether a tile was served before.
    """
    lefts = range(max(0, box.right - size.width), min(box.left, level.width - size.width) + 1)
    tops = range(max(0, box.bottom - size.height), min(box.top, level.height - size.height) + 1)
    if not lefts or not tops or not _touches(asked, box, served):
        return None
    region = TileRect(lefts[0], tops[0], lefts[-1] + size.width, tops[-1] + size.height)
    old = _Counts.of(region, asked, served)
    windows = (TileRect(left, top, left + size.width, top + size.height) for top in tops for left in lefts)
    best = max(windows, key=old.within)
    if old.within(best) < MOVED * size.width * size.height:
        return None
    return _with_ahead(best, old, level)


def _touches(asked: Set[Position], box: TileRect, served: Served) -> bool:
    """Whether something was served in the box or beside it: a few looks, since most windows are new."""
    middle_x, middle_y = (box.left + box.right) // 2, (box.top + box.bottom) // 2
    xs, ys = (box.left - 1, box.left, middle_x, box.right - 1, box.right), (box.top - 1, middle_y, box.bottom)
    looks = [(x, y) for x in xs for y in ys] + [
        (x, y) for x in (box.left, box.right - 1) for y in (box.top, box.bottom - 1)
    ]
    return any(served(x, y) for x, y in looks if (x, y) not in asked)


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many tiles of any rectangle in a region were served before, by a table of sums."""

    region: TileRect
    sums: list[list[int]]

    @classmethod
    def of(cls, region: TileRect, asked: Set[Position], served: Served) -> _Counts:
        sums = [[0] * (region.width + 1)]
        for y in range(region.top, region.bottom):
            row, above, count = [0], sums[-1], 0
            for i, x in enumerate(range(region.left, region.right), 1):
                count += (x, y) not in asked and served(x, y)
                row.append(above[i] + count)
            sums.append(row)
        return cls(region, sums)

    def within(self, rect: TileRect) -> int:
        left, right = rect.left - self.region.left, rect.right - self.region.left
        above, below = self.sums[rect.top - self.region.top], self.sums[rect.bottom - self.region.top]
        return below[right] - below[left] - above[right] + above[left]


def _with_ahead(window: TileRect, old: _Counts, level: Size) -> TileRect:
    left, top, right, bottom = window.left, window.top, window.right, window.bottom
    first_column, last_column = (
        old.within(TileRect(left, top, left + 1, bottom)),
        old.within(TileRect(right - 1, top, right, bottom)),
    )
    first_row, last_row = (
        old.within(TileRect(left, top, right, top + 1)),
        old.within(TileRect(left, bottom - 1, right, bottom)),
    )
    columns = max(1, window.width // AHEAD)
    return TileRect(
        left - (columns if first_column == 0 < last_column else 0),
        top - (1 if first_row == 0 < last_row else 0),
        right + (columns if last_column == 0 < first_column else 0),
        bottom + (1 if last_row == 0 < first_row else 0),
    ).clipped(level.width, level.height)
