"""Where an overview's pixels come from: a stored level's tiles out of the bucket, or the overview made just before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.codecs.compose import TileParts
from wsi_streamer.objectstore.coalesce import Span, coalesce
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide, StoredObject
from wsi_streamer.slides.tile_table import SLICE_TILES, ByteRange, TileTable

MAX_READ = 4 * 1024 * 1024
"""Bytes of one GET at most."""

Position = tuple[int, int]


class TileSource(Protocol):
    """Tiles of one level."""

    @property
    def level(self) -> Level:
        """The level."""
        ...

    @property
    def mean_bytes(self) -> float:
        """Stored bytes a tile."""
        ...

    async def read(self, positions: Sequence[Position]) -> dict[Position, TileParts]:
        """Stored bytes by position; None for sparse tiles."""
        ...


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A stored level. Neighbouring tiles are read in few GETs, all of one version of the object."""

    level: Level
    stored: StoredObject
    tables: list[TileTable]
    """The whole tile table, in slices."""
    store: ObjectStore

    @classmethod
    async def open(cls, catalog: Catalog, store: ObjectStore, slide: Slide, level: Level) -> StoredSource:
        """With the level's tile table.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        firsts = range(0, level.entries, SLICE_TILES)
        tables = [await catalog.slides.table_slice(slide.version_id, level.index, first) for first in firsts]
        return cls(level, slide.objects[level.object_index], tables, store)

    @property
    def mean_bytes(self) -> float:
        """Stored bytes a tile."""
        total = sum(int(np.frombuffer(table.counts, "<u4").sum(dtype=np.uint64)) for table in self.tables)
        return total / (self.level.tiles_x * self.level.tiles_y)

    async def read(self, positions: Sequence[Position]) -> dict[Position, TileParts]:
        """Stored bytes by position; None for sparse tiles.

        Raises:
            ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the store answers.
        """
        wanted = {at: self._ranges(*at) for at in positions}
        blocks: dict[ByteRange, bytes] = {}

        async def fetch(span: Span) -> None:
            length = span.end - span.start
            block = await self.store.get_range(self.stored.key, span.start, length, etag=self.stored.etag)
            for item in span.ranges:
                blocks[item] = block[item.offset - span.start : item.end - span.start]

        spans = coalesce((r for ranges in wanted.values() for r in ranges), cap=MAX_READ)
        async with asyncio.TaskGroup() as group:
            for span in spans:
                group.create_task(fetch(span))
        return {at: _parts(ranges, blocks) for at, ranges in wanted.items()}

    def _ranges(self, x: int, y: int) -> list[ByteRange]:
        entry = self.level.entry(x, y)
        return [self.tables[i // SLICE_TILES].range_at(i) for i in range(entry, entry + self.level.ranges)]


@dataclass(frozen=True, slots=True)
class Overview:
    """A made level and its packed tiles; the source of the next coarser one."""

    level: Level
    table: TileTable
    data: bytes

    @property
    def mean_bytes(self) -> float:
        """Bytes a tile."""
        return len(self.data) / len(self.table)

    async def read(self, positions: Sequence[Position]) -> dict[Position, TileParts]:
        """From memory."""
        found = {at: self.table.range_at(self.level.entry(*at)) for at in positions}
        return {at: [self.data[r.offset : r.end]] for at, r in found.items()}


def _parts(ranges: list[ByteRange], blocks: dict[ByteRange, bytes]) -> TileParts:
    return None if any(r.length == 0 for r in ranges) else [blocks[r] for r in ranges]
