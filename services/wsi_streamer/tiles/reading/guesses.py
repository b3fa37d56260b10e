"""What is read because it will likely be asked for next."""

from __future__ import annotations

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.reading.flights import Flights
from wsi_streamer.tiles.reading.known_tiles import KnownTiles
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_rect import Position, Size, TileRect
from wsi_streamer.tiles.reading.view import View
from wsi_streamer.tiles.reading.viewer import Viewer
from wsi_streamer.tiles.reading.window import guess
from wsi_streamer.tiles.tile_cache import TileKey

SMALL_LEVEL_TILES = 64
"""A level of no more tiles is read whole with the second of them, where it fits one GET."""


class Guesses:
    """Turns views into tiles to read, as far as their viewer's budget goes."""

    def __init__(
        self, flights: Flights, tables: TableCache, known: KnownTiles, metrics: Metrics, *, block_size: int
    ) -> None:
        self._flights = flights
        self._tables = tables
        self._known = known
        self._block_size = block_size
        self._guessed = metrics.read_ahead.labels("guessed")

    def of(self, slide: Slide, viewer: Viewer, view: View) -> dict[TileKey, ByteRange]:
        """The tiles to be read beside those that were asked for, announced."""
        level = view.level
        rect = self._whole(slide, level) or guess(
            view.asked,
            view.box,
            viewer.screen.window(level),
            Size(level.tiles_x, level.tiles_y),
            self._known.served(slide, level),
        )
        if rect is None or rect == view.guessed:
            return {}
        view.guessed = rect
        wanted, absent = self._known.unread(slide, level, rect.positions())
        if absent:
            self._flights.spawn(self._late(slide, viewer, view, absent))
        return self._afforded(viewer, view, wanted)

    def is_second(self, slide: Slide, level: Level, x: int, y: int) -> bool:
        """Whether another tile of a small level is there already, however long ago it was asked for."""
        is_served = self._known.served(slide, level)
        return any(is_served(*at) for at in _small_level(level) if at != (x, y))

    async def _late(self, slide: Slide, viewer: Viewer, view: View, absent: list[Position]) -> None:
        """A guess that reaches into a part of the tile table that isn't loaded yet."""
        await self._tables.load(slide, view.level, absent)
        wanted, _ = self._known.unread(slide, view.level, absent)
        self._flights.read(slide, view.level, self._afforded(viewer, view, wanted).items())

    def _afforded(self, viewer: Viewer, view: View, wanted: dict[TileKey, ByteRange]) -> dict[TileKey, ByteRange]:
        """What of a guess the viewer's budget and the cache allow, the nearest first."""
        size = sum(where.length for where in wanted.values())
        near = list(wanted.items())
        if size > min(viewer.guess_budget.left, self._known.most_ahead):
            near.sort(key=lambda item: sum(view.box.distance(item[0].x, item[0].y)))
        afforded: dict[TileKey, ByteRange] = {}
        left = self._known.most_ahead
        for key, where in near:
            if where.length > left or not viewer.guess_budget.spend(where.length):
                break
            left -= where.length
            afforded[key] = where
        for key in afforded:
            self._flights.announce(key, asked=False)
        self._guessed.inc(self._known.most_ahead - left)
        return afforded

    def _whole(self, slide: Slide, level: Level) -> TileRect | None:
        """All of a level that is small enough for one GET."""
        ranges = [self._tables.loaded(slide, level, x, y) for x, y in _small_level(level)]
        if not ranges or sum(where.length for where in ranges if where is not None) > self._block_size:
            return None
        return TileRect(0, 0, level.tiles_x, level.tiles_y)


def _small_level(level: Level) -> list[Position]:
    """All tiles of a level that has few; none of another."""
    if level.tiles_x * level.tiles_y > SMALL_LEVEL_TILES:
        return []
    return TileRect(0, 0, level.tiles_x, level.tiles_y).positions()
