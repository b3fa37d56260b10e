"""Finished tiles, in memory, bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

ENTRY_OVERHEAD = 400
"""Bytes that an entry costs beside the tile: key tuple, dict slot, bytes header. Measured with sys.getsizeof."""


class TileKey(NamedTuple):
    """What a finished tile is one of. The version is part of it, so a replaced object never answers from here."""

    version_id: int
    level: int
    """Stored level; DZI levels count from `DZI_LEVELS` on."""
    x: int
    y: int
    quality: int
    """1 to 100, or 0: as stored."""


class TileCache:
    """Least recently used tiles go first. Not for threads: all of it runs in the event loop."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.bytes = 0
        self._tiles: OrderedDict[TileKey, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tiles)

    def get(self, key: TileKey) -> bytes | None:
        """The tile, now the most recently used."""
        tile = self._tiles.get(key)
        if tile is not None:
            self._tiles.move_to_end(key)
        return tile

    def put(self, key: TileKey, tile: bytes) -> None:
        """Keep a tile, unless it alone would fill the cache."""
        size = len(tile) + ENTRY_OVERHEAD
        if size > self.capacity:
            return
        old = self._tiles.pop(key, None)
        if old is not None:
            self.bytes -= len(old) + ENTRY_OVERHEAD
        self._tiles[key] = tile
        self.bytes += size
        while self.bytes > self.capacity:
            _, evicted = self._tiles.popitem(last=False)
            self.bytes -= len(evicted) + ENTRY_OVERHEAD
