"""The headers of a few of a level's tiles, read in as few bytes as possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from wsi_streamer.formats.ranged_file import RangedFile
from wsi_streamer.slides.tile_table import ByteRange, TileTable

Header = TypeVar("Header")

MOST = 3
"""Tiles looked at where they cost no read."""


def chosen_tiles(file: RangedFile, table: TileTable, peek: int) -> list[ByteRange]:
    """Up to three tiles that have bytes: first, middle, last, and those that are in memory already before others.

    One level was written by one encoder with one setting, so one tile that costs a read is enough, and the others
    are looked at where they come for free.
    """
    stored = np.flatnonzero(np.frombuffer(table.counts, "<u4"))
    ranges = [table.range_at(int(stored[i])) for i in _spread(len(stored))]
    held = [r for r in ranges if file.holds(r.offset, min(r.length, peek))]
    return held[:MOST] or ranges[:1]


def headers(
    file: RangedFile, tiles: list[ByteRange], read: Callable[[bytes], Header], sizes: tuple[int, ...]
) -> list[Header]:
    """What ``read`` finds in each tile, given more bytes where the first were too few.

    A tile that holds something else is left out: Aperio's edge tiles may be scrambled.
    """
    found: list[Header] = []
    for tile in tiles:
        for size in sizes:
            try:
                found.append(read(file.peek(tile.offset, min(tile.length, size))))
            except ValueError:
                if tile.length <= size:
                    break
                continue
            break
    return found


def _spread(count: int) -> list[int]:
    """Some 64 of ``count`` indices, the middle first and the two ends among them."""
    indices = {*range(0, count, max(1, count // 64)), *((0, count - 1) if count else ())}
    return sorted(indices, key=lambda i: (abs(i - count // 2), i))
