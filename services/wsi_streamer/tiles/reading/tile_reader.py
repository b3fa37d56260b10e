"""Stored bytes of tiles, wherever they stand: of one, as the browser asks; of many at once, for made pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.codecs.compose import TileParts
from wsi_streamer.objectstore.coalesce import Span, coalesce
from wsi_streamer.objectstore.errors import ObjectChanged
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange, TileTable
from wsi_streamer.tiles.open_slide import ReadableLevel
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_fetcher import TileFetcher
from wsi_streamer.tiles.reading.viewers import Who


class TileReader:
    """Reads tiles where the catalog says they are. Every read of an object carries the etag it was indexed with."""

    def __init__(
        self, store: ObjectStore, catalog: Catalog, tables: TableCache, fetcher: TileFetcher, *, block_size: int
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._tables = tables
        self._fetcher = fetcher
        self._block_size = block_size

    async def tile(self, slide: Slide, source: ReadableLevel, x: int, y: int, who: Who | None = None) -> TileParts:
        """One tile, and perhaps those that ``who`` asks will ask for next.

        Raises:
            TileOutOfBounds: the level has no such tile.
            ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the object store says.
        """
        if source.level.ranges == 1 and not source.overview:
            stored = await self._fetcher.tile(slide, source.level, x, y, who)
            return None if stored is None else [stored]
        ranges = await self._tables.ranges(slide, source, x, y)
        if any(r.length == 0 for r in ranges):
            return None
        return await asyncio.gather(*(self._read(slide, source, r.offset, r.length) for r in ranges))

    async def tiles(
        self, slide: Slide, source: ReadableLevel, positions: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], TileParts]:
        """Many tiles of one level, by GETs that each cover neighbours in the file."""
        wanted = {at: await self._tables.ranges(slide, source, *at) for at in positions}
        return await self._read_all(slide, source, wanted)

    async def whole(self, slide: Slide, level: Level, table: TileTable) -> dict[tuple[int, int], TileParts]:
        """All tiles of an image beside the pyramid, whose whole table is at hand.

        Raises:
            ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the object store says.
        """
        wanted = {}
        for y in range(level.tiles_y):
            for x in range(level.tiles_x):
                entry = level.entry(x, y)
                wanted[x, y] = [table.range_at(i) for i in range(entry, entry + level.ranges)]
        return await self._read_all(slide, ReadableLevel(level), wanted)

    async def _read_all(
        self, slide: Slide, source: ReadableLevel, wanted: dict[tuple[int, int], list[ByteRange]]
    ) -> dict[tuple[int, int], TileParts]:
        spans = coalesce((r for ranges in wanted.values() for r in ranges), cap=self._block_size)
        stored: dict[ByteRange, bytes] = {}
        await asyncio.gather(*(self._read_span(slide, source, span, stored) for span in spans))
        return {
            at: None if any(r.length == 0 for r in ranges) else [stored[r] for r in ranges]
            for at, ranges in wanted.items()
        }

    async def _read_span(self, slide: Slide, source: ReadableLevel, span: Span, into: dict[ByteRange, bytes]) -> None:
        block = await self._read(slide, source, span.start, span.end - span.start)
        for item in span.ranges:
            into[item] = block[item.offset - span.start : item.end - span.start]

    async def _read(self, slide: Slide, source: ReadableLevel, start: int, length: int) -> bytes:
        if source.overview:
            data = await self._catalog.slides.overview_bytes(slide.version_id, source.level.index, start, length)
            if len(data) != length:
                raise ObjectChanged("The slide was indexed anew while it was read.")
            return data
        stored = slide.objects[source.level.object_index]
        return await self._store.get_range(stored.key, start, length, etag=stored.etag)
