"""The headers of a few of a level's tiles, read in as few bytes as possible."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TypeVar

import numpy as np

from wsi_streamer.formats.ranged_file import RangedFile
from wsi_streamer.slides.tile_table import ByteRange, TileTable

Header = TypeVar("Header")

MOST = 3
"""Tiles looked at where they cost no read."""

PAID = 4
"""Tiles that are read one after the other until one of them is what it should be."""


def sample(file: RangedFile, table: TileTable, read: Callable[[bytes], Header], sizes: tuple[int, ...]) -> list[Header]:
    """What ``read`` finds in some of a level's tiles; empty where none of them has bytes that it understands.

    One level was written by one encoder with one setting, so one tile that costs a read is enough, and others are
    looked at where they come for free. A tile that holds something else is passed over: Aperio's edge tiles may be
    scrambled.

    Args:
        file: where the tiles are.
        table: the level's.
        read: raises ValueError where the bytes are too few or something else.
        sizes: bytes of a tile to try, growing.
    """
    stored = np.flatnonzero(np.frombuffer(table.counts, "<u4"))
    tiles = [table.range_at(int(stored[i])) for i in _spread(len(stored))]
    held = [tile for tile in tiles if file.holds(tile.offset, min(tile.length, sizes[0]))]
    free = [header for tile in held[:MOST] for header in _header(file, tile, read, sizes)]
    if free:
        return free
    others = (tile for tile in tiles if tile not in held[:MOST])
    paid = (_header(file, tile, read, sizes) for tile in islice(others, PAID))
    return next((found for found in paid if found), [])


def _header(file: RangedFile, tile: ByteRange, read: Callable[[bytes], Header], sizes: tuple[int, ...]) -> list[Header]:
    for size in sizes:
        try:
            return [read(file.peek(tile.offset, min(tile.length, size)))]
        except ValueError:
            if tile.length <= size:
                break
    return []


def _spread(count: int) -> list[int]:
    """Some 64 of ``count`` indices, the middle first and the two ends among them."""
    indices = {*range(0, count, max(1, count // 64)), *((0, count - 1) if count else ())}
    return sorted(indices, key=lambda i: (abs(i - count // 2), i))
