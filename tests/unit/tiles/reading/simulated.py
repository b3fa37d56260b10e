"""A viewport in lock-step rounds: what its connections ask for at once is one round, and so is what S3 then answers.

The fetcher, its batches and flights are the real ones; the store answers all it was asked when the round ends, and time is
what the rounds take.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe
from wsi_streamer.slides.slide import Slide, StoredObject
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.reading.batch import LONGEST
from wsi_streamer.tiles.reading.flights import Flights
from wsi_streamer.tiles.reading.tile_fetcher import TileFetcher
from wsi_streamer.tiles.reading.tile_rect import Position, TileRect
from wsi_streamer.tiles.reading.viewers import Who
from wsi_streamer.tiles.tile_cache import AS_STORED, RAW, TileCache, TileKey

TILE_BYTES = 13_000
BLOCK = 262_144
ROUND_TRIP = 0.02
IDLE = 10.0
SOMEONE = Who(1, 1)


def level(columns: int = 160, rows: int = 120, tile: int = 256) -> Level:
    """A level of square tiles."""
    recipe = Recipe(codec="jpeg", photometric="ycbcr", samples=3, passthrough=True)
    return Level(0, columns * tile, rows * tile, tile, tile, 1.0, recipe)


@dataclass
class Outcome:
    """What a viewport took."""

    rounds: int = 0
    gets: int = 0
    tiles_read: float = 0


class _Store:
    """Answers when told."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, asyncio.Future[None]]] = []

    async def get_range(self, key: str, start: int, length: int, *, etag: str, arriving: object) -> bytes:
        answer = asyncio.get_running_loop().create_future()
        self.asked.append((length, answer))
        await answer
        assert callable(arriving)
        arriving(bytearray(length))
        return b""


class _Tables:
    def loaded(self, _slide: Slide, of: Level, x: int, y: int) -> ByteRange:
        return ByteRange(of.entry(x, y) * TILE_BYTES, TILE_BYTES)


class Worker:
    """A worker with one slide of one level."""

    def __init__(self, of: Level) -> None:
        self.level = of
        self.now = 0.0
        self.slide = Slide("id", "key", "version", 1, "format", (StoredObject("key", '"etag"', 10**10),), (of,))
        self.cache = TileCache(10**9)
        self.store = _Store()
        self.flights = Flights(self.store, self.cache, block_size=BLOCK)  # type: ignore[arg-type]
        self.fetcher = TileFetcher(
            self.flights, _Tables(), self.cache, Metrics(), block_size=BLOCK, default_quality=80,  # type: ignore[arg-type]
            clock=lambda: self.now,
        )  # fmt: skip

    def held(self) -> set[Position]:
        """Tiles in memory, whether they were asked for or not."""
        return {(key.x, key.y) for key in self.cache.tiles}

    def hint(self, rect: TileRect, who: Who = SOMEONE) -> None:
        """A viewer says what comes next."""
        self.fetcher.prefetch(self.slide, self.level, rect, who)

    async def viewport(self, tiles: Iterable[Position], connections: int, who: Who = SOMEONE) -> Outcome:
        """All tiles, asked for in this order; then nothing for a while."""
        outcome, left = Outcome(), iter(tiles)
        self.flights.round_trip = ROUND_TRIP

        async def connection() -> None:
            for x, y in left:
                await self._one(x, y, who)

        working = asyncio.gather(*(connection() for _ in range(connections)))
        while not working.done():
            await asyncio.sleep(2 * LONGEST)
            asked, self.store.asked = self.store.asked, []
            if asked and not working.done():  # else it is for later
                self.now += ROUND_TRIP
                outcome.rounds += 1
            outcome.gets += len(asked)
            outcome.tiles_read += sum(length for length, _ in asked) / TILE_BYTES
            for _, answer in asked:
                answer.set_result(None)
            await asyncio.sleep(0)
        await working
        self.now += IDLE
        return outcome

    async def _one(self, x: int, y: int, who: Who) -> None:
        key = TileKey(1, 0, x, y, AS_STORED)
        if self.cache.get(key) is None:
            data = await self.fetcher.tile(self.slide, self.level, x, y, who)
            assert data is not None
            self.cache.put(key, data)
            self.cache.drop(key._replace(quality=RAW))


def in_order(name: str, width: int, height: int, shuffled: Sequence[int]) -> list[Position]:
    """The positions of a viewport as a viewer asks for them."""
    cells = [(x, y) for y in range(height) for x in range(width)]
    if name == "row":
        return cells
    if name == "shuffled":
        return [cells[i] for i in shuffled]
    middle = (width - 1) / 2, (height - 1) / 2
    return sorted(cells, key=lambda at: (at[0] - middle[0]) ** 2 + (at[1] - middle[1]) ** 2)
