"""Overviews: coarser levels for slides that have none small enough.

A made tile or a thumbnail reads at most 64 stored tiles. Where the coarsest stored level has more, levels at steps of 8 are
made from it until one has at most 64, and kept in the catalog as packed JPEG tiles.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.codecs.compose import TileContent, padded, render
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.indexer.overview_source import Overview, Position, StoredSource, TileSource
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.geometry import Field, PixelRect, project
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import TileTable

MAX_TILES = 64
"""The API's promise for a made tile."""

STEP = 8
TILE = 256
QUALITY = 85

BATCH_BYTES = 8 * 1024 * 1024
"""Stored bytes read for neighbouring tiles together: rows of tiles lie far apart in a file, so one tile alone would take 8
short GETs."""

AT_ONCE = 2
"""Batches at the same time, of all slides together."""

_RECIPE = Recipe("jpeg", "ycbcr", 3, passthrough=True)

_log = structlog.get_logger("wsi_streamer.indexer")


def needs_overview(levels: Sequence[Level], overviews: Sequence[Level] = ()) -> bool:
    """Whether the coarsest level there is has more tiles than a made tile may read."""
    coarsest = overviews[-1] if overviews else levels[-1]
    return coarsest.tiles_x * coarsest.tiles_y > MAX_TILES


class OverviewMaker:
    """Makes slides' overviews from their stored tiles."""

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._catalog = catalog
        self._store = store
        self._slots = asyncio.Semaphore(AT_ONCE)

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
        if not needs_overview(slide.levels, slide.overviews):
            return "unchanged"
        index = 0
        source: TileSource = await StoredSource.open(self._catalog, self._store, slide, slide.levels[-1])
        while needs_overview([source.level]):
            overview = await self._coarser(slide, source, index)
            if not await self._catalog.store.overview(slide.version_id, overview.level, overview.table, overview.data):
                return "absent"
            source, index = overview, index + 1
        return "made"

    async def _coarser(self, slide: Slide, source: TileSource, index: int) -> Overview:
        width, height = -(-source.level.width // STEP), -(-source.level.height // STEP)
        level = Level(index, width, height, TILE, TILE, source.level.downsample * STEP, _RECIPE)
        tiles = [(x, y) for y in range(level.tiles_y) for x in range(level.tiles_x)]
        fields = {at: project(_inside(level, *at), width, height, source.level) for at in tiles}
        read_by_one = len(fields[tiles[0]].tiles(source.level))
        size = max(1, int(BATCH_BYTES / (read_by_one * max(source.mean_bytes, 1))))
        made: dict[Position, bytes] = {}

        async def batch(some: list[Position]) -> None:
            async with self._slots:
                wanted = {at: fields[at].tiles(source.level) for at in some}
                parts = await source.read(sorted({p for at in some for p in wanted[at]}))
                for at in some:
                    own = {p: parts[p] for p in wanted[at]}
                    made[at], damaged = await asyncio.to_thread(_tile, level, at, source.level, own, fields[at])
                    if damaged:
                        _log.warning("tiles of a slide don't decode", slide=slide.id, tiles=damaged)

        try:
            async with asyncio.TaskGroup() as group:
                for y in range(level.tiles_y):
                    row = [(x, y) for x in range(level.tiles_x)]
                    for start in range(0, len(row), size):
                        group.create_task(batch(row[start : start + size]))
        except ExceptionGroup as failed:  # the others are cancelled by now
            raise _first(failed) from failed
        return Overview(level, _table(made, tiles), b"".join(made[at] for at in tiles))


def _inside(level: Level, x: int, y: int) -> PixelRect:
    width, height = min(TILE, level.width - x * TILE), min(TILE, level.height - y * TILE)
    return PixelRect(x * TILE, y * TILE, width, height)


def _tile(
    level: Level, at: Position, source: Level, parts: Mapping[Position, TileContent], field: Field
) -> tuple[bytes, int]:
    """An encoded tile, and how many tiles under it don't decode. Runs in a thread."""
    rect = _inside(level, *at)
    damaged: list[Position] = []
    pixels = render(source, parts, field, rect.width, rect.height, damaged)
    return encode_jpeg(padded(pixels, TILE, TILE), QUALITY), len(damaged)


def _table(made: Mapping[Position, bytes], tiles: Sequence[Position]) -> TileTable:
    offset, ranges = 0, []
    for at in tiles:
        ranges.append((offset, len(made[at])))
        offset += len(made[at])
    return TileTable.pack(ranges)


def _first(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
