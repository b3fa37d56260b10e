"""Tiles whose bytes are on their way from S3: each once, whoever waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from wsi_streamer.objectstore.coalesce import Span, coalesce
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.tiles.tile_cache import TileCache, TileKey

_SMOOTHING = 0.2


@dataclass(slots=True)
class Flight:
    """A tile's bytes, on their way or about to be."""

    arrival: asyncio.Future[bytes]
    asked: bool
    """Somebody waits for it. What nobody waits for is kept in the cache when it lands."""


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
        self.round_trip: float | None = None
        """Seconds that a read takes, as of late; None before the first."""

    def __contains__(self, key: TileKey) -> bool:
        return key in self._flights

    def get(self, key: TileKey) -> Flight | None:
        """The flight of a tile."""
        return self._flights.get(key)

    def announce(self, key: TileKey, *, asked: bool) -> Flight:
        """A tile will be read: who asks for it from now on waits for that."""
        flight = self._flights[key] = Flight(asyncio.get_running_loop().create_future(), asked)
        return flight

    def read(self, slide: Slide, level: Level, tiles: Iterable[tuple[TileKey, ByteRange]]) -> None:
        """Read tiles of one level that were announced, by few GETs of at most the block size; returns at once."""
        by_range: dict[ByteRange, list[TileKey]] = {}
        for key, where in tiles:
            by_range.setdefault(where, []).append(key)
        for span in coalesce(by_range, cap=self._block_size):
            self.spawn(self._read_span(slide, level, span, by_range))

    def call_off(self, keys: Iterable[TileKey], error: WsiError | None) -> None:
        """Tiles that won't come; who waits for one is told ``error``."""
        for key in keys:
            flight = self._flights.pop(key, None)
            if flight is None:
                continue  # landed before
            if error is None or not flight.asked:
                flight.arrival.cancel()
            else:
                flight.arrival.set_exception(error)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that nobody waits for, until the end."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def aclose(self) -> None:
        """Stop what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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
        keys = (key for item in span.ranges for key in by_range[item])
        began = time.monotonic()
        try:
            await self._store.get_range(
                stored.key, span.start, span.end - span.start, etag=stored.etag, arriving=on_arriving
            )
        except WsiError as error:
            self.call_off(keys, error)
        except BaseException:
            self.call_off(keys, None)
            raise
        else:
            took = time.monotonic() - began
            self.round_trip = (
                took if self.round_trip is None else self.round_trip + _SMOOTHING * (took - self.round_trip)
            )

    def _land(self, key: TileKey, data: bytes) -> None:
        flight = self._flights.pop(key)
        if not flight.asked:
            self._cache.put(key, data)
        flight.arrival.set_result(data)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, WsiError):
            raise error  # to the loop's handler, which logs it; who waits was told
