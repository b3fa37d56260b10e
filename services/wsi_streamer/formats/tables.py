"""An image's tile table, checked against the object it points into."""

from __future__ import annotations

from typing import Any

import numpy as np

from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.slides.tile_table import TileTable

MAX_TILES = 8 << 20
"""Tiles of one level: 740,000 pixels a side at 256 a tile."""

MAX_TILE_BYTES = 64 << 20
"""Stored bytes of one tile."""

Column = np.ndarray[Any, np.dtype[np.uint64]]


def table_of(ifd: Ifd) -> TileTable:
    """The byte range of each tile (or strip), in the file's order; of planar images one sample after the other for
    each tile.

    Raises:
        Broken: the table is shorter than the image needs, or points outside the file.
        Unsupported: more tiles than any slide has.
    """
    columns = -(-ifd.width // ifd.tile_width)
    rows = -(-ifd.height // ifd.tile_height)
    planes = ifd.samples if ifd.planar else 1
    entries = columns * rows * planes
    if entries > MAX_TILES:
        raise Unsupported(f"{ifd} has {entries} tiles; at most {MAX_TILES} are served.")
    offsets = ifd.array(324 if 324 in ifd else 273, entries)
    counts = ifd.array(325 if 325 in ifd else 279, entries)
    if len(offsets) < entries or len(counts) < entries:
        have = min(len(offsets), len(counts))
        raise Broken(f"{ifd}: {ifd.width} x {ifd.height} pixels need {entries} tiles, but its table has {have}.")
    if planes > 1:
        # The file holds all tiles of the first sample, then all of the second; a tile's ranges stand together here.
        offsets, counts = (column.reshape(planes, -1).T.reshape(-1) for column in (offsets, counts))
    _check(ifd, offsets, counts)
    return TileTable(
        offsets=np.where(counts == 0, 0, offsets).astype("<u8").tobytes(), counts=counts.astype("<u4").tobytes()
    )


def _check(ifd: Ifd, offsets: Column, counts: Column) -> None:
    """Every tile with bytes has them in the file."""
    stored = counts > 0
    if bool((counts[stored] > MAX_TILE_BYTES).any()):
        raise Broken(f"{ifd}: it claims tiles of more than {MAX_TILE_BYTES >> 20} MB.")
    size = np.uint64(ifd.source.file.size)
    # Compared without adding, so that offsets near 2^64 don't wrap; counts are small by now.
    outside = stored & ((offsets < 8) | (offsets > size) | (counts > size - np.minimum(offsets, size)))
    missing = int(outside.sum())
    if missing:
        raise Broken(
            f"{ifd}: {missing} of {len(counts)} tiles lie beyond the end of the file, which seems to be truncated."
        )
