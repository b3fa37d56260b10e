"""Reads of tiles that stand in S3: what is asked for together comes in few GETs, each tile once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from wsi_streamer.objectstore.coalesce import Span, coalesce
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.reading.batch import Batch
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_rect import Position, TileRect
from wsi_streamer.tiles.reading.view import View
from wsi_streamer.tiles.reading.viewer import Viewer
from wsi_streamer.tiles.reading.viewers import Viewers, Who
from wsi_streamer.tiles.reading.window import Size, guess
from wsi_streamer.tiles.tile_cache import RAW, TileCache, TileKey, finished_quality

SMALL_LEVEL_TILES = 64
"""A level of no more tiles is read whole with the second of them, where it fits one GET."""

MOMENT_ROUND_TRIPS = 3
"""What is asked for within so many S3 round trips belongs together."""

MOMENT = (0.01, 0.5)
"""Seconds: least and most of that."""

MAX_PREFETCH_BYTES = 16_000_000
"""Bytes under way for hints; what goes beyond is not read."""

_SMOOTHING = 0.1

_log = structlog.get_logger("wsi_streamer.tiles")


@dataclass(slots=True)
class _Flight:
    """A tile whose bytes are on their way."""

    where: ByteRange
    arrival: asyncio.Future[bytes]
    asked: bool
    """Somebody waits for it; else it is a guess, or hinted."""


class TileFetcher:
    """Gathers misses, adds what their viewers will ask for next, and reads it.

    What is under way belongs to the worker, not to the request that began it: a client that hangs up takes nothing from
    others, and what was read is kept.
    """

    def __init__(
        self,
        store: ObjectStore,
        tables: TableCache,
        cache: TileCache,
        metrics: Metrics,
        *,
        block_size: int,
        default_quality: int,
    ) -> None:
        self._store = store
        self._tables = tables
        self._cache = cache
        self._block_size = block_size
        self._default_quality = default_quality
        self._viewers = Viewers()
        self._flights: dict[TileKey, _Flight] = {}
        self._batches: dict[int, Batch] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._round_trip = MOMENT[0]
        self._hinted_bytes = 0
        self._guessed = metrics.read_ahead.labels("guessed")
        self._used = metrics.read_ahead.labels("used")
        self._hinted = metrics.read_ahead.labels("hinted")
        self._dropped = metrics.read_ahead.labels("dropped")

    async def tile(self, slide: Slide, level: Level, x: int, y: int, who: Who) -> bytes | None:
        """The stored bytes of a tile of one range; None where it is sparse.

        Raises:
            TileOutOfBounds: the level has no such tile.
            ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the object store says.
        """
        where = self._tables.loaded(slide, level, x, y) or await self._tables.range(slide, level, x, y)
        if where.length == 0:
            return None
        key = TileKey(slide.version_id, level.index, x, y, RAW)
        stored = self._cache.get(key)
        flight = self._flights.get(key)
        viewer = None if who is None else self._viewers.get(who)
        view, is_lone = None, True
        if viewer is not None and not viewer.hinted(slide.version_id, level, x, y):
            view, is_lone = viewer.asks(slide.version_id, level, x, y, time.monotonic(), self._moment())
            if stored is not None or (flight is not None and not flight.asked):
                viewer.budget.used(where.length)
                self._used.inc(where.length)
            elif flight is None:
                viewer.budget.asked(where.length)
        if flight is not None:
            flight.asked = True
        elif stored is None:
            flight = self._take_off(key, where, asked=True)
            if is_lone:
                self._read(slide, level, [key])
            else:
                self._batch(slide).add_miss(key)
        if view is not None and not is_lone and viewer is not None:
            self._batch(slide).add_view(viewer, view)
        if stored is not None:
            return stored
        assert flight is not None  # noqa: S101 - one of both is there
        return await asyncio.shield(flight.arrival)

    def prefetch(self, slide: Slide, level: Level, rect: TileRect, who: Who) -> None:
        """Read the tiles of a rectangle that a viewer says it will ask for; they are not waited for."""
        self._viewers.get(who).hints(slide.version_id, level, rect)
        self._spawn(self._prefetch(slide, level, rect.positions()))

    async def aclose(self) -> None:
        """Stop what is under way."""
        for batch in self._batches.values():
            batch.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- what to read ---------------------------------------------------------------------------------------------

    def _moment(self) -> float:
        return min(max(MOMENT_ROUND_TRIPS * self._round_trip, MOMENT[0]), MOMENT[1])

    def _batch(self, slide: Slide) -> Batch:
        batch = self._batches.get(slide.version_id)
        if batch is None:
            batch = self._batches[slide.version_id] = Batch(lambda: self._flush(slide))
        return batch

    def _flush(self, slide: Slide) -> None:
        batch = self._batches.pop(slide.version_id)
        wanted: dict[int, list[TileKey]] = {}
        for key in batch.misses:
            wanted.setdefault(key.level, []).append(key)
        try:
            for viewer, view in batch.views():
                for key in self._guess(slide, viewer, view):
                    wanted.setdefault(key.level, []).append(key)
        except Exception:  # noqa: BLE001 - whatever goes wrong with a guess, what was asked for has to be read
            _log.exception("read-ahead failed")
        for index, keys in wanted.items():
            self._read(slide, slide.levels[index], keys)

    def _guess(self, slide: Slide, viewer: Viewer, view: View) -> list[TileKey]:
        level = view.level
        rect = self._whole(slide, view) or guess(
            list(view.asked),
            viewer.window(level),
            Size(level.tiles_x, level.tiles_y),
            lambda x, y: self._is_served(slide, level, x, y),
        )
        if rect is None:
            return []
        wanted, absent = self._unread(slide, level, rect.positions())
        if absent:
            self._spawn(self._guess_late(slide, viewer, level, absent))
        return self._guessed_flights(viewer, wanted)

    async def _guess_late(self, slide: Slide, viewer: Viewer, level: Level, absent: list[Position]) -> None:
        """A guess that reaches into a part of the tile table that isn't loaded yet."""
        await self._tables.load(slide, level, absent)
        wanted, _ = self._unread(slide, level, absent)
        self._read(slide, level, self._guessed_flights(viewer, wanted))

    def _guessed_flights(self, viewer: Viewer, wanted: dict[TileKey, ByteRange]) -> list[TileKey]:
        size = sum(where.length for where in wanted.values())
        if not viewer.budget.spend(size):
            return []
        self._guessed.inc(size)
        for key, where in wanted.items():
            self._take_off(key, where, asked=False)
        return list(wanted)

    def _whole(self, slide: Slide, view: View) -> TileRect | None:
        """All of a level that is small enough for one GET."""
        level = view.level
        if level.tiles_x * level.tiles_y > SMALL_LEVEL_TILES:
            return None
        rect = TileRect(0, 0, level.tiles_x, level.tiles_y)
        size = 0
        for x, y in rect.positions():
            where = self._tables.loaded(slide, level, x, y)
            size += where.length if where is not None else 0
        return rect if size <= self._block_size else None

    def _unread(
        self, slide: Slide, level: Level, positions: Iterable[Position]
    ) -> tuple[dict[TileKey, ByteRange], list[Position]]:
        """Which tiles are neither in memory nor on their way, and for which the table has to be asked first."""
        wanted: dict[TileKey, ByteRange] = {}
        absent: list[Position] = []
        for x, y in positions:
            key = TileKey(slide.version_id, level.index, x, y, RAW)
            if key in self._flights or key in self._cache or self._is_served(slide, level, x, y):
                continue
            where = self._tables.loaded(slide, level, x, y)
            if where is None:
                absent.append((x, y))
            elif where.length:
                wanted[key] = where
        return wanted, absent

    def _is_served(self, slide: Slide, level: Level, x: int, y: int) -> bool:
        quality = finished_quality(level, None, self._default_quality)
        return TileKey(slide.version_id, level.index, x, y, quality) in self._cache

    async def _prefetch(self, slide: Slide, level: Level, positions: list[Position]) -> None:
        _, absent = self._unread(slide, level, positions)
        if absent:
            await self._tables.load(slide, level, absent)
        wanted, _ = self._unread(slide, level, positions)
        size = sum(where.length for where in wanted.values())
        if self._hinted_bytes + size > MAX_PREFETCH_BYTES:
            self._dropped.inc(size)
            return
        self._hinted.inc(size)
        self._hinted_bytes += size
        flights = [self._take_off(key, where, asked=False).arrival for key, where in wanted.items()]
        try:
            self._read(slide, level, list(wanted))
            await asyncio.gather(*flights, return_exceptions=True)
        finally:
            self._hinted_bytes -= size

    # -- reading --------------------------------------------------------------------------------------------------

    def _take_off(self, key: TileKey, where: ByteRange, *, asked: bool) -> _Flight:
        flight = self._flights[key] = _Flight(where, asyncio.get_running_loop().create_future(), asked)
        return flight

    def _read(self, slide: Slide, level: Level, keys: list[TileKey]) -> None:
        by_range: dict[ByteRange, list[TileKey]] = {}
        for key in keys:
            by_range.setdefault(self._flights[key].where, []).append(key)
        for span in coalesce(by_range, cap=self._block_size):
            self._spawn(self._read_span(slide, level, span, by_range))

    async def _read_span(
        self, slide: Slide, level: Level, span: Span, by_range: dict[ByteRange, list[TileKey]]
    ) -> None:
        coming = iter(sorted(span.ranges, key=lambda item: item.end))
        item: ByteRange | None = next(coming)

        def on_arriving(came: bytearray) -> None:
            nonlocal item
            while item is not None and item.end - span.start <= len(came):
                data = bytes(memoryview(came)[item.offset - span.start : item.end - span.start])
                for key in by_range[item]:
                    self._land(key, data)
                item = next(coming, None)

        stored = slide.objects[level.object_index]
        began = time.monotonic()
        try:
            await self._store.get_range(
                stored.key, span.start, span.end - span.start, etag=stored.etag, arriving=on_arriving
            )
        except WsiError as error:
            self._crash(span, by_range, error)
        except BaseException:
            self._crash(span, by_range, None)
            raise
        else:
            self._round_trip += _SMOOTHING * (time.monotonic() - began - self._round_trip)

    def _land(self, key: TileKey, data: bytes) -> None:
        flight = self._flights.pop(key)
        if not flight.asked:
            self._cache.put(key, data)
        flight.arrival.set_result(data)

    def _crash(self, span: Span, by_range: dict[ByteRange, list[TileKey]], error: WsiError | None) -> None:
        for key in _keys(span, by_range):
            flight = self._flights.pop(key, None)
            if flight is None:
                continue  # landed before
            if error is None or not flight.asked:
                flight.arrival.cancel()
            else:
                flight.arrival.set_exception(error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, WsiError):
            raise error  # to the loop's handler, which logs it; who waits was told


def _keys(span: Span, by_range: dict[ByteRange, list[TileKey]]) -> Iterator[TileKey]:
    return (key for item in span.ranges for key in by_range[item])
