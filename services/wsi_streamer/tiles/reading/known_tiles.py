"""Which tiles a worker has, or will have without asking for more."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.tiles.reading.flights import Flights
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_rect import Position
from wsi_streamer.tiles.tile_cache import RAW, TileCache, TileKey, finished_quality

CACHE_SHARE = 4
"""What is read ahead at a time may take this part of the tile cache, or it would drive out what is looked at."""


class KnownTiles:
    """Looks at cache, flights and tables together."""

    def __init__(self, cache: TileCache, flights: Flights, tables: TableCache, *, default_quality: int) -> None:
        self._cache = cache
        self._flights = flights
        self._tables = tables
        self._default_quality = default_quality
        self.most_ahead = cache.capacity // CACHE_SHARE
        """Bytes."""

    def served(self, slide: Slide, level: Level) -> Callable[[int, int], bool]:
        """Tells whether a tile is in memory as a picture; made for being called often."""
        version, index, tiles = slide.version_id, level.index, self._cache.tiles
        quality = finished_quality(level, None, self._default_quality)
        return lambda x, y: (version, index, x, y, quality) in tiles

    def unread(
        self, slide: Slide, level: Level, positions: Iterable[Position]
    ) -> tuple[dict[TileKey, ByteRange], list[Position]]:
        """Which tiles are neither in memory nor on their way, and for which the table has to be asked first."""
        wanted: dict[TileKey, ByteRange] = {}
        absent: list[Position] = []
        is_served = self.served(slide, level)
        for x, y in positions:
            key = TileKey(slide.version_id, level.index, x, y, RAW)
            if key in self._flights or key in self._cache or is_served(x, y):
                continue
            where = self._tables.loaded(slide, level, x, y)
            if where is None:
                absent.append((x, y))
            elif where.length:
                wanted[key] = where
        return wanted, absent
