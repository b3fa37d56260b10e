"""Tiles whose bytes are on their way from S3: each once, whoever waits for it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wsi_streamer.objectstore.coalesce import Span, coalesce
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.tiles.tile_cache import TileCache, TileKey

MAX_AHEAD = 16
"""GETs under way at a time for tiles that nobody waits for; further ones stand in line, and whatever is asked for leaves it."""

_SMOOTHING = 0.2


@dataclass(slots=True)
class Flight:
    """A tile's bytes, on their way or about to be."""

    arrival: asyncio.Future[bytes]
    asked: bool
    """Somebody asked for it; else it is a guess or a hint."""

    waiting: int = 0
    """How many wait for it now. What nobody waits for is kept in the cache when it lands."""

    read: _Read | None = None
    """The GET that will bring it, once it is known."""


@dataclass(slots=True)
class _Read:
    slide: Slide
    level: Level
    span: Span
    tiles: Mapping[ByteRange, list[TileKey]]
    is_begun: bool = False


class Flights:
    """Reads ranges, and gives each tile out as soon as its bytes are there.

    A read belongs to the worker, not to the request that began it: a client that hangs up takes nothing from others.
    """

    def __init__(self, store: ObjectStore, cache: TileCache, *, block_size: int) -> None:
        self._store = store
        self._cache = cache
        self._block_size = block_size
        self._flights: dict[TileKey, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._line: deque[_Read] = deque()
        self._ahead = 0
        self.round_trip: float | None = None
        """Seconds that a read takes, as of late; None before the first."""

    def __contains__(self, key: TileKey) -> bool:
        return key in self._flights

    def __len__(self) -> int:
        return len(self._flights)

    def get(self, key: TileKey) -> Flight | None:
        """The flight of a tile."""
        return self._flights.get(key)

    def announce(self, key: TileKey, *, asked: bool) -> Flight:
        """A tile will be read: who asks for it from now on waits for that. Who announces must `read` or `call_off`."""
        flight = self._flights[key] = Flight(asyncio.get_running_loop().create_future(), asked)
        return flight

    async def wait(self, flight: Flight) -> bytes:
        """The bytes, once they have come; a read that stands in line begins now.

        Raises:
            ObjectChanged, ObjectNotFound, StorageError, StorageUnreachable: as the object store says.
        """
        flight.asked = True
        if flight.read is not None and not flight.read.is_begun:
            self._begin(flight.read)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.arrival)
        finally:
            flight.waiting -= 1

    def read(self, slide: Slide, level: Level, tiles: Iterable[tuple[TileKey, ByteRange]]) -> None:
        """Read tiles of one level that were announced, by few GETs of at most the block size; returns at once."""
        by_range: dict[ByteRange, list[TileKey]] = {}
        for key, where in tiles:
            by_range.setdefault(where, []).append(key)
        for span in coalesce(by_range, cap=self._block_size):
            read = _Read(slide, level, span, by_range)
            flights = [self._flights[key] for key in _keys(read)]
            for flight in flights:
                flight.read = read
            if any(flight.asked for flight in flights):
                self._begin(read)
            else:
                self._line.append(read)
        self._next_in_line()

    def call_off(self, keys: Iterable[TileKey], error: Exception | None) -> None:
        """Tiles that won't come; who waits for one is told ``error``."""
        for key in keys:
            flight = self._flights.pop(key, None)
            if flight is None:
                continue  # landed before
            if error is None or not flight.waiting:
                flight.arrival.cancel()
            else:
                flight.arrival.set_exception(error)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Work that nobody waits for, until the end."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def aclose(self) -> None:
        """Stop what is under way."""
        self._line.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _next_in_line(self) -> None:
        while self._line and self._ahead < MAX_AHEAD:
            read = self._line.popleft()
            if not read.is_begun:
                self._ahead += 1
                self._begin(read).add_done_callback(self._one_less_ahead)

    def _one_less_ahead(self, _: asyncio.Task[None]) -> None:
        self._ahead -= 1
        self._next_in_line()

    def _begin(self, read: _Read) -> asyncio.Task[None]:
        read.is_begun = True
        return self.spawn(self._fly(read))

    async def _fly(self, read: _Read) -> None:
        span = read.span
        coming = iter(sorted(span.ranges, key=lambda item: item.end))
        item: ByteRange | None = next(coming)

        def on_arriving(came: bytearray) -> None:
            nonlocal item
            while item is not None and item.end - span.start <= len(came):
                data = bytes(memoryview(came)[item.offset - span.start : item.end - span.start])
                for key in read.tiles[item]:
                    self._land(key, data)
                item = next(coming, None)

        stored = read.slide.objects[read.level.object_index]
        began = time.monotonic()
        try:
            await self._store.get_range(
                stored.key, span.start, span.end - span.start, etag=stored.etag, arriving=on_arriving
            )
        except WsiError as error:
            self.call_off(_keys(read), error)
        except Exception as error:
            self.call_off(_keys(read), error)
            raise
        except asyncio.CancelledError:
            self.call_off(_keys(read), None)
            raise
        else:
            took = time.monotonic() - began
            self.round_trip = (
                took if self.round_trip is None else self.round_trip + _SMOOTHING * (took - self.round_trip)
            )

    def _land(self, key: TileKey, data: bytes) -> None:
        flight = self._flights.pop(key)
        if not flight.waiting:
            self._cache.put(key, data)
        flight.arrival.set_result(data)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, WsiError):
            raise error  # to the loop's handler, which logs it; who waits was told


def _keys(read: _Read) -> list[TileKey]:
    return [key for item in read.span.ranges for key in read.tiles[item]]
