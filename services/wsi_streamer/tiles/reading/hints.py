"""What is read because a viewer says that it will ask for it."""

from __future__ import annotations

import asyncio
import functools

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.reading.flights import Flights
from wsi_streamer.tiles.reading.known_tiles import KnownTiles
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_rect import TileRect
from wsi_streamer.tiles.reading.viewer import Viewer
from wsi_streamer.tiles.tile_cache import RAW, TileKey

MAX_UNDER_WAY = 16_000_000
"""Bytes on their way for hints of all viewers; what goes beyond is not read."""


class Hints:
    """Takes hints as far as they can be afforded; all else is left until it is asked for."""

    def __init__(self, flights: Flights, tables: TableCache, known: KnownTiles, metrics: Metrics) -> None:
        self._flights = flights
        self._tables = tables
        self._known = known
        self._under_way = 0
        self._taken = metrics.read_ahead.labels("hinted")
        self._dropped = metrics.read_ahead.labels("dropped")

    def take(self, slide: Slide, level: Level, rect: TileRect, viewer: Viewer) -> None:
        """Have the tiles of a rectangle read; returns at once."""
        viewer.hints(level, rect)
        wanted, absent = self._known.unread(slide, level, rect.positions())
        self._read(slide, level, viewer, wanted)
        if absent:
            # Announced at once, since the tiles themselves may be asked for before their part of the table is there.
            keys = [TileKey(slide.version_id, level.index, x, y, RAW) for x, y in absent]
            for key in keys:
                self._flights.announce(key, asked=False)
            self._flights.spawn(self._late(slide, level, viewer, keys))

    async def _late(self, slide: Slide, level: Level, viewer: Viewer, keys: list[TileKey]) -> None:
        wanted: dict[TileKey, ByteRange] = {}
        failed: Exception | None = None
        try:
            await self._tables.load(slide, level, [(key.x, key.y) for key in keys])
            found = {key: self._tables.loaded(slide, level, key.x, key.y) for key in keys}
            wanted = {key: where for key, where in found.items() if where is not None and where.length}
        except WsiError as error:
            failed = error
        except Exception as error:
            failed = error
            raise
        finally:
            self._flights.call_off((key for key in keys if key not in wanted), failed)
        self._read(slide, level, viewer, wanted)

    def _read(self, slide: Slide, level: Level, viewer: Viewer, wanted: dict[TileKey, ByteRange]) -> None:
        most = min(MAX_UNDER_WAY, self._known.most_ahead)
        taken: dict[TileKey, ByteRange] = {}
        for key, where in wanted.items():
            flight = self._flights.get(key)
            is_asked = flight is not None and flight.asked
            if not is_asked and (self._under_way + where.length > most or not viewer.hint_budget.spend(where.length)):
                self._dropped.inc(where.length)
                self._flights.call_off([key], None)
                continue
            flight = flight or self._flights.announce(key, asked=False)
            taken[key] = where
            self._under_way += where.length
            flight.arrival.add_done_callback(functools.partial(self._landed, where.length))
        self._taken.inc(sum(where.length for where in taken.values()))
        self._flights.read(slide, level, taken.items())

    def _landed(self, length: int, _: asyncio.Future[bytes]) -> None:
        self._under_way -= length
