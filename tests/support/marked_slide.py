"""A slide whose tiles each say which one they are: a comment in its JPEG stream, which passes through."""

from __future__ import annotations

import io
from collections.abc import Iterator

import imagecodecs
import numpy as np
import tifffile

TILE = 256
DISTINCT = 7

Grid = tuple[int, int]
"""Columns and rows of tiles."""


def mark(level: int, x: int, y: int) -> bytes:
    """What tile (x, y) of a level holds and no other does."""
    return f"<tile {level}/{x}/{y}>".encode()


def marked_slide(*grids: Grid) -> bytes:
    """A tiled pyramid of levels of so many 256 px tiles, finest first, about 13 kB a tile."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(40, 250, (DISTINCT, TILE // 8, TILE // 8, 3), dtype=np.uint8)
    streams = [bytes(imagecodecs.jpeg8_encode(np.kron(c, np.ones((8, 8, 1), np.uint8)), level=80)) for c in coarse]
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for level, (columns, rows) in enumerate(grids):
            writer.write(
                _tiles(streams, level, columns, rows), shape=(rows * TILE, columns * TILE, 3), dtype=np.uint8,
                tile=(TILE, TILE), compression="jpeg", photometric="ycbcr", subsampling=(2, 2),
                subfiletype=1 if level else 0, metadata=None, maxworkers=1,
            )  # fmt: skip
    return file.getvalue()


def _tiles(streams: list[bytes], level: int, columns: int, rows: int) -> Iterator[bytes]:
    for i in range(columns * rows):
        said = mark(level, i % columns, i // columns)
        comment = b"\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said
        stream = streams[i % len(streams)]
        yield stream[:2] + comment + stream[2:]
