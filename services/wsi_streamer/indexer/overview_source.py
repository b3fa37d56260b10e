"""Where an overview's pixels come from: a stored level's tiles out of the bucket, or the overview made just before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.codecs.compose import Finer, TileContent, TileParts, fields_beneath
from wsi_streamer.objectstore.coalesce import Span, coalesce
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide, StoredObject
from wsi_streamer.slides.tile_table import SLICE_TILES, ByteRange, TileTable

MAX_READ = 4 * 1024 * 1024
"""Bytes of one GET at most."""

MIN_FINER = 64
"""As many tiles of finer levels as are asked for of a level are read in place of its sparse ones, and at least so many
at a time; what goes beyond is white."""

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

    async def read(self, positions: Sequence[Position]) -> dict[Position, TileContent]:
        """What tiles are made of, by position."""
        ...


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A stored level. Neighbouring tiles are read in few GETs, all of one version of the object."""

    level: Level
    stored: StoredObject
    tables: list[TileTable]
    """The whole tile table, in slices."""
    store: ObjectStore
    finer: StoredSource | None = None
    """What the level's sparse tiles are filled from."""

    @classmethod
    async def open(cls, catalog: Catalog, store: ObjectStore, slide: Slide, level: Level) -> StoredSource:
        """With the level's tile table, and those of finer levels as far as they fill sparse tiles.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        firsts = range(0, level.entries, SLICE_TILES)
        tables = [await catalog.slides.table_slice(slide.version_id, level.index, first) for first in firsts]
        finer = None
        if (
            level.sparse == "finer"
            and level.index > 0
            and not all(np.frombuffer(t.counts, "<u4").all() for t in tables)
        ):
            finer = await cls.open(catalog, store, slide, slide.level(level.index - 1))
        return cls(level, slide.objects[level.object_index], tables, store, finer)

    @property
    def mean_bytes(self) -> float:
        """Stored bytes a tile."""
        total = sum(int(np.frombuffer(table.counts, "<u4").sum(dtype=np.uint64)) for table in self.tables)
        return total / (self.level.tiles_x * self.level.tiles_y)

    async def read(self, positions: Sequence[Position], most: int | None = None) -> dict[Position, TileContent]:
        """Tiles by position, sparse ones as the level means them.

        Args:
            positions: of the level's tiles.
            most: how many tiles of finer levels may be read in place of sparse ones; enough for a few unless told.

        Raises:
            ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the store answers.
        """
        most = max(MIN_FINER, len(positions)) if most is None else most
        found: dict[Position, TileContent] = {**await self._stored(positions)}
        sparse = [at for at, stored in found.items() if stored is None]
        if not sparse or self.finer is None:
            return found
        finer = self.finer.level
        fields = fields_beneath(self.level, finer, sparse, most)
        touched = {at: field.tiles(finer) for at, field in fields.items()}
        wanted = sorted({p for some in touched.values() for p in some})
        beneath = await self.finer.read(wanted, most - len(wanted))
        return found | {at: Finer(finer, {p: beneath[p] for p in some}, fields[at]) for at, some in touched.items()}

    async def _stored(self, positions: Sequence[Position]) -> dict[Position, TileParts]:
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

    async def read(self, positions: Sequence[Position]) -> dict[Position, TileContent]:
        """From memory."""
        found = {at: self.table.range_at(self.level.entry(*at)) for at in positions}
        return {at: [self.data[r.offset : r.end]] for at, r in found.items()}


def _parts(ranges: list[ByteRange], blocks: dict[ByteRange, bytes]) -> TileParts:
    return None if any(r.length == 0 for r in ranges) else [blocks[r] for r in ranges]
