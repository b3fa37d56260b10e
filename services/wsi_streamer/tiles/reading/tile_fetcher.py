"""Which tiles are read from S3 together: those asked for within a moment, and those their viewer will ask for next.

The policy and its numbers are told in ARCHITECTURE.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.reading.batch import Batch
from wsi_streamer.tiles.reading.flights import Flight, Flights
from wsi_streamer.tiles.reading.guesses import Guesses
from wsi_streamer.tiles.reading.hints import Hints
from wsi_streamer.tiles.reading.known_tiles import KnownTiles
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_rect import TileRect
from wsi_streamer.tiles.reading.viewer import Viewer
from wsi_streamer.tiles.reading.viewers import Viewers, Who
from wsi_streamer.tiles.tile_cache import RAW, TileCache, TileKey

MOMENT_ROUND_TRIPS = 3
"""What is asked for within so many S3 round trips belongs together."""

MOMENT = (0.03, 0.5)
"""Seconds: least and most of that."""

FIRST_MOMENT = 0.1
"""Seconds: before a round trip was measured."""

_log = structlog.get_logger("wsi_streamer.tiles")


class TileFetcher:
    """Tiles of levels in S3 with one byte range a tile."""

    def __init__(
        self,
        flights: Flights,
        tables: TableCache,
        cache: TileCache,
        metrics: Metrics,
        *,
        block_size: int,
        default_quality: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        known = KnownTiles(cache, flights, tables, default_quality=default_quality)
        self._flights = flights
        self._tables = tables
        self._cache = cache
        self._clock = clock
        self._guesses = Guesses(flights, tables, known, metrics, block_size=block_size)
        self._hints = Hints(flights, tables, known, metrics)
        self._viewers = Viewers()
        self._batches: dict[int, Batch] = {}
        self._used = metrics.read_ahead.labels("used")

    async def tile(self, slide: Slide, level: Level, x: int, y: int, who: Who | None) -> bytes | None:
        """The stored bytes of a tile; None where it is sparse. ``who`` None: nobody whose next requests could be guessed.

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
        at_once = True
        if who is not None:
            viewer = self._viewers.get(who, slide.version_id)
            at_once = self._note(slide, level, key, where, viewer, flight, is_stored=stored is not None)
        if stored is not None:
            return stored
        if flight is None:
            flight = self._flights.announce(key, asked=True)
            if at_once:
                self._flights.read(slide, level, [(key, where)])
            else:
                self._batch(slide).add_miss(level, key, where)
        return await self._flights.wait(flight)

    def prefetch(self, slide: Slide, level: Level, rect: TileRect, who: Who) -> None:
        """Read the tiles of a rectangle that a viewer says it will ask for; they are not waited for."""
        self._hints.take(slide, level, rect, self._viewers.get(who, slide.version_id))

    async def aclose(self) -> None:
        """Stop what is under way."""
        for batch in self._batches.values():
            batch.cancel()
        await self._flights.aclose()

    def _note(
        self,
        slide: Slide,
        level: Level,
        key: TileKey,
        where: ByteRange,
        viewer: Viewer,
        flight: Flight | None,
        *,
        is_stored: bool,
    ) -> bool:
        """Note who asks for a tile. Whether it is to be read at once: nothing was asked for near it, nor is that to be
        expected."""
        is_there = is_stored or flight is not None
        was_ahead = is_stored or (flight is not None and not flight.asked)
        if is_there and viewer.has_hinted(level, key.x, key.y):
            if was_ahead:
                viewer.hint_budget.used(where.length)
            return True
        view, is_new = viewer.asks(level, key.x, key.y, self._clock(), self._moment())
        if not is_there:
            viewer.guess_budget.asked(where.length)
        elif was_ahead and is_new:
            viewer.guess_budget.used(where.length)
            self._used.inc(where.length)
        if len(view.asked) == 1 and not self._guesses.is_second(slide, level, key.x, key.y):
            return not viewer.screen.is_known
        if not (is_there and view.is_settled(key.x, key.y)):
            self._batch(slide).add_view(viewer, view)
        return False

    def _moment(self) -> float:
        measured = self._flights.round_trip
        return FIRST_MOMENT if measured is None else min(max(MOMENT_ROUND_TRIPS * measured, MOMENT[0]), MOMENT[1])

    def _batch(self, slide: Slide) -> Batch:
        batch = self._batches.get(slide.version_id)
        if batch is None:
            batch = self._batches[slide.version_id] = Batch(lambda: self._flush(slide))
        return batch

    def _flush(self, slide: Slide) -> None:
        batch = self._batches.pop(slide.version_id)
        try:
            for viewer, view in batch.views():
                for key, where in self._guesses.of(slide, viewer, view).items():
                    batch.misses.setdefault(view.level.index, []).append((key, where))
        except Exception:  # noqa: BLE001 - whatever goes wrong with a guess, what was asked for has to be read
            _log.exception("read-ahead failed")
        for index, tiles in batch.misses.items():
            self._flights.read(slide, slide.levels[index], tiles)
