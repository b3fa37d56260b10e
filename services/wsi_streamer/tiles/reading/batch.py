"""Misses of one slide that come within a moment: they are read together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.tile_table import ByteRange
from wsi_streamer.tiles.reading.view import View
from wsi_streamer.tiles.reading.viewer import Viewer
from wsi_streamer.tiles.tile_cache import TileKey

PAUSE = 0.001
"""Seconds without a further miss after which the batch is read: requests of one screen arrive closer than that."""

LONGEST = 0.003
"""Seconds from the first miss on, however many follow."""


class Batch:
    """Calls ``flush`` once, when nothing more comes."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self.misses: dict[int, list[tuple[TileKey, ByteRange]]] = {}
        """By level."""
        self._views: dict[int, tuple[Viewer, View]] = {}
        self._flush = flush
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + LONGEST
        self._timer = self._loop.call_later(PAUSE, flush)

    def add_miss(self, level: Level, key: TileKey, where: ByteRange) -> None:
        """A tile to be read."""
        self.misses.setdefault(level.index, []).append((key, where))
        self._postpone()

    def add_view(self, viewer: Viewer, view: View) -> None:
        """A view that a tile was asked for in."""
        self._views[id(view)] = viewer, view

    def views(self) -> list[tuple[Viewer, View]]:
        """Each once."""
        return list(self._views.values())

    def cancel(self) -> None:
        """Never read it."""
        self._timer.cancel()

    def _postpone(self) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_at(min(self._loop.time() + PAUSE, self._deadline), self._flush)
