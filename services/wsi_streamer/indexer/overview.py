"""Overviews: coarser levels for slides that have none small enough.

A made tile or a thumbnail reads at most 64 stored tiles. Where the coarsest stored level has more, levels at steps of 8 are
made from it until one has at most 64, and kept in the catalog as packed JPEG tiles.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.codecs.compose import TileParts, padded, render
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.objectstore.coalesce import coalesce
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.geometry import PixelRect, project
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import SLICE_TILES, ByteRange, TileTable

MAX_TILES = 64
"""The API's promise for a made tile."""

STEP = 8
TILE = 256
QUALITY = 85
MAX_READ = 4 * 1024 * 1024
AT_ONCE = 2
"""Tiles made at the same time: about 100 stored tiles each are in memory."""

Position = tuple[int, int]
ReadTiles = Callable[[Sequence[Position]], Awaitable[dict[Position, TileParts]]]

_RECIPE = Recipe("jpeg", "ycbcr", 3, passthrough=True)


@dataclass(frozen=True, slots=True)
class Overview:
    """A made level and its packed tiles."""

    level: Level
    table: TileTable
    data: bytes


def needs_overview(levels: Sequence[Level]) -> bool:
    """Whether the coarsest level has more tiles than a made tile may read."""
    return levels[-1].tiles_x * levels[-1].tiles_y > MAX_TILES


class OverviewMaker:
    """Makes a slide's overviews from its stored tiles."""

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._catalog = catalog
        self._store = store

    async def make(self, key: str) -> str:
        """Make what the slide of a key needs; returns the outcome.

        Raises:
            ObjectChanged, ObjectNotFound: replaced meanwhile; the new version gets a job of its own.
            StorageError, StorageUnreachable, CatalogUnavailable: to be tried again.
        """
        opened = await self._catalog.slides.open(key)
        if opened is None or opened.slide is None:
            return "absent"
        slide = opened.slide
        if not needs_overview(slide.levels) or slide.overviews:
            return "unchanged"
        level = slide.levels[-1]
        tables = await self._whole_table(slide, level)
        index, read = 0, self._reader(slide, level, tables)
        while level.tiles_x * level.tiles_y > MAX_TILES:
            overview = await _coarser(level, index, read)
            if not await self._catalog.store.overview(slide.version_id, overview.level, overview.table, overview.data):
                return "absent"
            level, index, read = overview.level, index + 1, _memory_reader(overview)
        return "made"

    async def _whole_table(self, slide: Slide, level: Level) -> list[TileTable]:
        return [
            await self._catalog.slides.table_slice(slide.version_id, level.index, first)
            for first in range(0, level.entries, SLICE_TILES)
        ]

    def _reader(self, slide: Slide, level: Level, tables: list[TileTable]) -> ReadTiles:
        stored = slide.objects[level.object_index]

        async def read(positions: Sequence[Position]) -> dict[Position, TileParts]:
            wanted = {at: _ranges(level, tables, *at) for at in positions}
            blocks: dict[ByteRange, bytes] = {}
            for span in coalesce((r for ranges in wanted.values() for r in ranges), cap=MAX_READ):
                block = await self._store.get_range(stored.key, span.start, span.end - span.start, etag=stored.etag)
                for item in span.ranges:
                    blocks[item] = block[item.offset - span.start : item.end - span.start]
            return {at: _parts(ranges, blocks) for at, ranges in wanted.items()}

        return read


def _ranges(level: Level, tables: list[TileTable], x: int, y: int) -> list[ByteRange]:
    entry = level.entry(x, y)
    return [tables[i // SLICE_TILES].range_at(i) for i in range(entry, entry + level.ranges)]


def _parts(ranges: list[ByteRange], blocks: dict[ByteRange, bytes]) -> TileParts:
    return None if any(r.length == 0 for r in ranges) else [blocks[r] for r in ranges]


def _memory_reader(overview: Overview) -> ReadTiles:
    async def read(positions: Sequence[Position]) -> dict[Position, TileParts]:
        found = {at: overview.table.range_at(overview.level.entry(*at)) for at in positions}
        return {at: [overview.data[r.offset : r.end]] for at, r in found.items()}

    return read


async def _coarser(source: Level, index: int, read: ReadTiles) -> Overview:
    width, height = -(-source.width // STEP), -(-source.height // STEP)
    level = Level(index, width, height, TILE, TILE, source.downsample * STEP, _RECIPE)
    slots = asyncio.Semaphore(AT_ONCE)

    async def tile(x: int, y: int) -> bytes:
        rect = PixelRect(x * TILE, y * TILE, min(TILE, width - x * TILE), min(TILE, height - y * TILE))
        field = project(rect, width, height, source)
        async with slots:
            parts = await read(field.tiles(source))
            return await asyncio.to_thread(
                lambda: encode_jpeg(padded(render(source, parts, field, rect.width, rect.height), TILE, TILE), QUALITY)
            )

    tiles = await asyncio.gather(*(tile(x, y) for y in range(level.tiles_y) for x in range(level.tiles_x)))
    offset, ranges = 0, []
    for data in tiles:
        ranges.append((offset, len(data)))
        offset += len(data)
    return Overview(level, TileTable.pack(ranges), b"".join(tiles))
