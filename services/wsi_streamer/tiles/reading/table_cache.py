"""Slices of tile tables in memory. Tables are read in slices, never whole: a level may have a million tiles."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.objectstore.errors import ObjectChanged
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import SLICE_TILES, ByteRange, TileTable
from wsi_streamer.tiles.lru import Lru
from wsi_streamer.tiles.open_slide import ReadableLevel
from wsi_streamer.tiles.single_flight import SingleFlight

MAX_SLICES = 512
"""Slices kept, of at most 48 kB each: 24 MB."""

SliceKey = tuple[int, int, int]


class TableCache:
    """Where tiles stand, by version, level and tile."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._slices: Lru[SliceKey, TileTable] = Lru(MAX_SLICES)
        self._loading: SingleFlight[SliceKey, TileTable] = SingleFlight()

    def put(self, slide: Slide, table_no: int, table: TileTable) -> None:
        """Keep a slice that came along with the slide."""
        self._slices.put((slide.version_id, table_no, table.first), table)

    def loaded(self, slide: Slide, level: Level, x: int, y: int) -> ByteRange | None:
        """The byte range of a tile of a stored level with one a tile, where its slice is in memory.

        Raises:
            TileOutOfBounds: the level has no such tile.
        """
        entry = level.entry(x, y)
        table = self._slices.get((slide.version_id, level.index, entry // SLICE_TILES * SLICE_TILES))
        return None if table is None else table.range_at(entry)

    async def range(self, slide: Slide, level: Level, x: int, y: int) -> ByteRange:
        """As `loaded`, and loaded where it isn't.

        Raises:
            TileOutOfBounds: the level has no such tile.
            ObjectChanged: the catalog has dropped this version.
        """
        return (await self.ranges(slide, ReadableLevel(level), x, y))[0]

    async def load(self, slide: Slide, level: Level, positions: Iterable[tuple[int, int]]) -> None:
        """Have the slices that hold tiles of a stored level in memory.

        Raises:
            ObjectChanged: the catalog has dropped this version.
        """
        source = ReadableLevel(level)
        firsts = {level.entry(x, y) // SLICE_TILES * SLICE_TILES for x, y in positions}
        await asyncio.gather(*(self._slice(slide, source, first) for first in firsts))

    async def ranges(self, slide: Slide, source: ReadableLevel, x: int, y: int) -> list[ByteRange]:
        """The byte ranges of one tile, in sample order.

        Raises:
            TileOutOfBounds: the level has no such tile.
            ObjectChanged: the catalog has dropped this version.
        """
        entry = source.level.entry(x, y)
        ranges = []
        for i in range(entry, entry + source.level.ranges):
            table = await self._slice(slide, source, i // SLICE_TILES * SLICE_TILES)
            ranges.append(table.range_at(i))
        return ranges

    async def _slice(self, slide: Slide, source: ReadableLevel, first: int) -> TileTable:
        key = (slide.version_id, source.table_no, first)
        table = self._slices.get(key)
        if table is None:
            table = await self._loading.run(key, lambda: self._load(key))
        return table

    async def _load(self, key: SliceKey) -> TileTable:
        table = await self._catalog.slides.table_slice(*key)
        if len(table) == 0:
            raise ObjectChanged("The slide was indexed anew while it was read.")
        self._slices.put(key, table)
        return table

    async def aclose(self) -> None:
        """Stop loading."""
        await self._loading.aclose()
