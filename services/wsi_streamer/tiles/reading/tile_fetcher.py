"""Which tiles are read from S3 together: those asked for within a moment, and those their viewer will ask for next.

The policy and its numbers are told in ARCHITECTURE.md.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Iterable

import structlog

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.reading.batch import Batch
from wsi_streamer.tiles.reading.flights import Flights
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_rect import Position, Size, TileRect
from wsi_streamer.tiles.reading.view import View
from wsi_streamer.tiles.reading.viewer import Viewer
from wsi_streamer.tiles.reading.viewers import Viewers, Who
from wsi_streamer.tiles.reading.window import guess
from wsi_streamer.tiles.tile_cache import RAW, TileCache, TileKey, finished_quality

SMALL_LEVEL_TILES = 64
"""A level of no more tiles is read whole with the second of them, where it fits one GET."""

MOMENT_ROUND_TRIPS = 3
"""What is asked for within so many S3 round trips belongs together."""

MOMENT = (0.03, 0.5)
"""Seconds: least and most of that."""

FIRST_MOMENT = 0.1
"""Seconds: before a round trip was measured."""

MAX_HINTED_BYTES = 16_000_000
"""Bytes under way for hints; what goes beyond is not read."""

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
    ) -> None:
        self._flights = flights
        self._tables = tables
        self._cache = cache
        self._block_size = block_size
        self._default_quality = default_quality
        self._viewers = Viewers()
        self._batches: dict[int, Batch] = {}
        self._hinted_bytes = 0
        self._guessed = metrics.read_ahead.labels("guessed")
        self._used = metrics.read_ahead.labels("used")
        self._hinted = metrics.read_ahead.labels("hinted")
        self._dropped = metrics.read_ahead.labels("dropped")

    async def tile(self, slide: Slide, level: Level, x: int, y: int, who: Who) -> bytes | None:
        """The stored bytes of a tile; None where it is sparse.

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
        is_lone = who is None or self._note(slide, key, where, level, self._viewers.get(who))
        if stored is not None:
            return stored
        if flight is None:
            flight = self._flights.announce(key, asked=True)
            if is_lone:
                self._flights.read(slide, level, [(key, where)])
            else:
                self._batch(slide).add_miss(level, key, where)
        flight.asked = True
        return await asyncio.shield(flight.arrival)

    def prefetch(self, slide: Slide, level: Level, rect: TileRect, who: Who) -> None:
        """Read the tiles of a rectangle that a viewer says it will ask for; they are not waited for."""
        self._viewers.get(who).hints(slide.version_id, level, rect)
        wanted, absent = self._unread(slide, level, rect.positions())
        self._read_hinted(slide, level, wanted)
        if absent:
            # Announced at once, since the tiles themselves may be asked for before the table is there.
            keys = [TileKey(slide.version_id, level.index, x, y, RAW) for x, y in absent]
            for key in keys:
                self._flights.announce(key, asked=False)
            self._flights.spawn(self._prefetch_late(slide, level, keys))

    async def aclose(self) -> None:
        """Stop what is under way."""
        for batch in self._batches.values():
            batch.cancel()
        await self._flights.aclose()

    # -- what is asked for ----------------------------------------------------------------------------------------

    def _note(self, slide: Slide, key: TileKey, where: ByteRange, level: Level, viewer: Viewer) -> bool:
        """Note who asks for a tile. Whether it is to be read by itself: nothing was asked for near it."""
        flight = self._flights.get(key)
        is_there = flight is not None or key in self._cache
        if is_there and viewer.hinted(key.version_id, level, key.x, key.y):
            return True
        view, is_lone = viewer.asks(key.version_id, level, key.x, key.y, time.monotonic(), self._moment())
        if not is_there:
            viewer.budget.asked(where.length)
        elif flight is None or not flight.asked:
            viewer.budget.used(where.length)
            self._used.inc(where.length)
        if is_lone and not self._is_second(slide, level, key):
            return True
        if not (is_there and view.is_settled(key.x, key.y)):
            self._batch(slide).add_view(viewer, view)
        return False

    def _is_second(self, slide: Slide, level: Level, key: TileKey) -> bool:
        """Whether another tile of a small level is there already, however long ago it was asked for."""
        if level.tiles_x * level.tiles_y > SMALL_LEVEL_TILES:
            return False
        is_served = self._served(slide, level)
        rect = TileRect(0, 0, level.tiles_x, level.tiles_y)
        return any(is_served(x, y) for x, y in rect.positions() if (x, y) != (key.x, key.y))

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
                for key, where in self._guess(slide, viewer, view).items():
                    batch.misses.setdefault(view.level.index, []).append((key, where))
        except Exception:  # noqa: BLE001 - whatever goes wrong with a guess, what was asked for has to be read
            _log.exception("read-ahead failed")
        for index, tiles in batch.misses.items():
            self._flights.read(slide, slide.levels[index], tiles)

    # -- what is guessed ------------------------------------------------------------------------------------------

    def _guess(self, slide: Slide, viewer: Viewer, view: View) -> dict[TileKey, ByteRange]:
        level = view.level
        rect = self._whole(slide, level) or guess(
            view.asked,
            view.box,
            viewer.window(level),
            Size(level.tiles_x, level.tiles_y),
            self._served(slide, level),
        )
        if rect is None or rect == view.guessed:
            return {}
        view.guessed = rect
        wanted, absent = self._unread(slide, level, rect.positions())
        if absent:
            self._flights.spawn(self._guess_late(slide, viewer, view, absent))
        return self._afforded(viewer, view, wanted)

    async def _guess_late(self, slide: Slide, viewer: Viewer, view: View, absent: list[Position]) -> None:
        """A guess that reaches into a part of the tile table that isn't loaded yet."""
        await self._tables.load(slide, view.level, absent)
        wanted, _ = self._unread(slide, view.level, absent)
        self._flights.read(slide, view.level, self._afforded(viewer, view, wanted).items())

    def _afforded(self, viewer: Viewer, view: View, wanted: dict[TileKey, ByteRange]) -> dict[TileKey, ByteRange]:
        """What of a guess the viewer's budget allows, the nearest first."""
        if sum(where.length for where in wanted.values()) > viewer.budget.left:
            near = sorted(wanted.items(), key=lambda item: sum(view.box.distance(item[0].x, item[0].y)))
        else:
            near = list(wanted.items())
        afforded = {key: where for key, where in near if viewer.budget.spend(where.length)}
        self._guessed.inc(sum(where.length for where in afforded.values()))
        for key in afforded:
            self._flights.announce(key, asked=False)
        return afforded

    def _whole(self, slide: Slide, level: Level) -> TileRect | None:
        """All of a level that is small enough for one GET."""
        if level.tiles_x * level.tiles_y > SMALL_LEVEL_TILES:
            return None
        rect = TileRect(0, 0, level.tiles_x, level.tiles_y)
        ranges = [self._tables.loaded(slide, level, x, y) for x, y in rect.positions()]
        return rect if sum(where.length for where in ranges if where is not None) <= self._block_size else None

    # -- what is announced by viewers -----------------------------------------------------------------------------

    def _read_hinted(self, slide: Slide, level: Level, wanted: dict[TileKey, ByteRange]) -> None:
        size = sum(where.length for where in wanted.values())
        if self._hinted_bytes + size > MAX_HINTED_BYTES:
            self._dropped.inc(size)
            return
        self._hinted.inc(size)
        for key, where in wanted.items():
            flight = self._flights.get(key) or self._flights.announce(key, asked=False)
            self._hinted_bytes += where.length
            flight.arrival.add_done_callback(functools.partial(self._landed, where.length))
        self._flights.read(slide, level, wanted.items())

    def _landed(self, length: int, _: asyncio.Future[bytes]) -> None:
        self._hinted_bytes -= length

    async def _prefetch_late(self, slide: Slide, level: Level, keys: list[TileKey]) -> None:
        try:
            await self._tables.load(slide, level, [(key.x, key.y) for key in keys])
        except WsiError as error:
            self._flights.call_off(keys, error)
            return
        found = {key: self._tables.loaded(slide, level, key.x, key.y) for key in keys}
        wanted = {key: where for key, where in found.items() if where is not None and where.length}
        self._flights.call_off((key for key in keys if key not in wanted), None)
        self._read_hinted(slide, level, wanted)

    # -- what is there --------------------------------------------------------------------------------------------

    def _unread(
        self, slide: Slide, level: Level, positions: Iterable[Position]
    ) -> tuple[dict[TileKey, ByteRange], list[Position]]:
        """Which tiles are neither in memory nor on their way, and for which the table has to be asked first."""
        wanted: dict[TileKey, ByteRange] = {}
        absent: list[Position] = []
        is_served = self._served(slide, level)
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

    def _served(self, slide: Slide, level: Level) -> Callable[[int, int], bool]:
        """Tells whether a tile is in memory as a picture; made for being called often."""
        version, index, tiles = slide.version_id, level.index, self._cache.tiles
        quality = finished_quality(level, None, self._default_quality)
        return lambda x, y: (version, index, x, y, quality) in tiles
