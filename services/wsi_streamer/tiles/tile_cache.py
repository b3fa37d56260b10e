"""Finished tiles, in memory, bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import KeysView
from typing import NamedTuple

from wsi_streamer.slides.level import Level

AS_STORED = 0
"""The quality that stands for the stored picture."""

RAW = -1
"""The quality that stands for stored bytes that nobody has asked for yet: read ahead, and not a picture so far."""

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
    """1 to 100, `AS_STORED` or `RAW`."""


def finished_quality(level: Level, asked: int | None, default: int) -> int:
    """The quality a tile of a level goes out with."""
    if asked is not None:
        return asked
    return AS_STORED if level.recipe.passthrough else default


class TileCache:
    """Least recently used tiles go first. Not for threads: all of it runs in the event loop."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.bytes = 0
        self._tiles: OrderedDict[TileKey, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tiles)

    def __contains__(self, key: object) -> bool:
        return key in self._tiles

    @property
    def tiles(self) -> KeysView[TileKey]:
        """What is kept, by key; looking at it doesn't count as use."""
        return self._tiles.keys()

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
        self.drop(key)
        self._tiles[key] = tile
        self.bytes += size
        while self.bytes > self.capacity:
            _, evicted = self._tiles.popitem(last=False)
            self.bytes -= len(evicted) + ENTRY_OVERHEAD

    def drop(self, key: TileKey) -> None:
        """Forget a tile."""
        old = self._tiles.pop(key, None)
        if old is not None:
            self.bytes -= len(old) + ENTRY_OVERHEAD
