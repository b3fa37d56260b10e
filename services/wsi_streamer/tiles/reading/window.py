"""Which tiles a viewer will ask for next, by those it has asked for so far. Pure arithmetic, no I/O.

A viewer fills a window of about the size it had last time. Where in that window the tiles seen so far lie follows from
their order (a row scan begins in a corner, most viewers begin in the middle) and from the tiles around that were
served before: a window that has moved needs few new ones.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Collection, Sequence

from wsi_streamer.tiles.reading.moved_window import moved_window
from wsi_streamer.tiles.reading.tile_rect import Position, Size, TileRect

IN_A_ROW = 3
"""Neighbours in one row or column before anything is guessed."""

ANYWHERE = 4
"""Tiles in any other pattern."""

OUTGROWN = 1.3
"""A window that turns out larger than it was known to be is taken for this much larger than what was seen of it."""

DENSE = 0.5
"""Share of a box of more than `LARGEST` windows that must have been asked for, or it is no window but lone tiles."""

LARGEST = 4

SCATTERED_AREA = 1.25
"""How much more than a window may be read where tiles seen all over it leave its edges open."""


def guess(
    order: Collection[Position], box: TileRect, size: Size, level: Size, served: Callable[[int, int], bool]
) -> TileRect | None:
    """The tiles that will be wanted, those asked for among them; None where there is nothing to go by.

    Args:
        order: what was asked for within a moment, in order of arrival; each tile once.
        box: around all of them.
        size: the viewer's window as far as it is known.
        level: all tiles of the level.
        served: whether a tile was served before, or is not worth reading.
    """
    area = box.width * box.height
    if area > LARGEST * size.width * size.height and len(order) < DENSE * area:
        return None
    asked = list(order)
    if not _is_pattern(asked, box):
        return None
    size = Size(
        min(_grown(size.width, box.width), level.width),
        min(_grown(size.height, box.height), level.height),
    )
    moved = moved_window(set(asked), box, size, level, served)
    if moved is not None:
        return moved
    if _is_scan(asked, box):
        # A row that came to its end tells how wide the window is, a column how high.
        by_rows = box.width > 1 and sum(y == asked[0][1] for _, y in asked[1:3]) > 0
        if by_rows and box.height > 1:
            size = Size(box.width, size.height)
        elif not by_rows and box.width > 1:
            size = Size(size.width, box.height)
        left, top = _scan_corner(asked, box, size)
        return _placed(left, top, box, size, level)
    if _is_compact(asked, box):
        x, y = _centre(asked)
        return _placed(round(x - (size.width - 1) / 2), round(y - (size.height - 1) / 2), box, size, level)
    return _scattered(asked, box, size, level)


def _grown(known: int, seen: int) -> int:
    return known if seen <= known else math.ceil(seen * OUTGROWN)


def _is_pattern(asked: Sequence[Position], box: TileRect) -> bool:
    if len(asked) >= ANYWHERE:
        return True
    return len(asked) >= IN_A_ROW and 1 in (box.width, box.height) and len(asked) == max(box.width, box.height)


def _is_scan(asked: Sequence[Position], box: TileRect) -> bool:
    """Whether rows (or columns) come one after the other, from one corner on."""
    return _fills_rows(asked, box) or _fills_rows(
        [(y, x) for x, y in asked], TileRect(box.top, box.left, box.bottom, box.right)
    )


def _fills_rows(asked: Sequence[Position], box: TileRect) -> bool:
    # One of the first two, since connections race: the second of a row may arrive before the first.
    from_corner = any(x in (box.left, box.right - 1) and y in (box.top, box.bottom - 1) for x, y in asked[:2])
    if not from_corner or len(asked) <= box.width * (box.height - 1):
        return False
    seen = set(asked)
    full = sum(all((x, y) in seen for x in range(box.left, box.right)) for y in range(box.top, box.bottom))
    return full >= box.height - 1


def _scan_corner(asked: Sequence[Position], box: TileRect, size: Size) -> Position:
    """The window's corner, where the scan began in one of its four."""
    from_left = any(x == box.left for x, _ in asked[:2])
    from_top = any(y == box.top for _, y in asked[:2])
    return (
        box.left if from_left else box.right - size.width,
        box.top if from_top else box.bottom - size.height,
    )


def _is_compact(asked: Sequence[Position], box: TileRect) -> bool:
    return box.width * box.height <= 2 * len(asked)


def _centre(asked: Sequence[Position]) -> tuple[float, float]:
    """Where a window is that fills from its middle: the first tiles say most."""
    weights = [1 / (i + 2) for i in range(len(asked))]
    total = sum(weights)
    return (
        sum(x * weight for (x, _), weight in zip(asked, weights, strict=True)) / total,
        sum(y * weight for (_, y), weight in zip(asked, weights, strict=True)) / total,
    )


def _placed(left: int, top: int, box: TileRect, size: Size, level: Size) -> TileRect:
    """A window near (left, top) that holds the box and lies in the level."""
    left = _clamp(left, max(0, box.right - size.width), min(box.left, level.width - size.width))
    top = _clamp(top, max(0, box.bottom - size.height), min(box.top, level.height - size.height))
    return TileRect(left, top, left + size.width, top + size.height)


def _scattered(asked: Sequence[Position], box: TileRect, size: Size, level: Size) -> TileRect:
    """All the columns that any window with the box in it can have, as far as that costs little: a column that is missed
    costs a read for each of its rows. Rows: those of the likeliest window."""
    x, y = statistics.fmean(x for x, _ in asked), statistics.fmean(y for _, y in asked)
    likeliest = _placed(round(x - (size.width - 1) / 2), round(y - (size.height - 1) / 2), box, size, level)
    room = int(SCATTERED_AREA * size.width) - size.width
    left = max(0, box.right - size.width, likeliest.left - (room + 1) // 2)
    right = min(level.width, box.left + size.width, likeliest.right + (room + 1) // 2)
    return TileRect(min(left, likeliest.left), likeliest.top, max(right, likeliest.right), likeliest.bottom)


def _clamp(value: int, least: int, most: int) -> int:
    return max(least, min(value, most)) if least <= most else least
