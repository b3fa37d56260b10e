"""What viewers say they will ask for is read at once, while they are still asking for it."""

from __future__ import annotations

import asyncio

from wsi_streamer.slides.errors import Busy, InvalidRequest, TileOutOfBounds, WsiError
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.reading.tile_fetcher import TileFetcher
from wsi_streamer.tiles.reading.tile_rect import TileRect
from wsi_streamer.tiles.reading.viewers import Who
from wsi_streamer.tiles.slide_registry import SlideRegistry

MAX_TILES = 1024
"""Tiles a hint: a 4K screen at the finest level its viewer would take has 31 x 18."""

MAX_OPENING = 64
"""Hints that wait for their slide to be opened; further ones are turned away."""


class Prefetcher:
    """Takes hints. That a hint is wrong, late or turned away costs its viewer nothing but time."""

    def __init__(self, registry: SlideRegistry, fetcher: TileFetcher) -> None:
        self._registry = registry
        self._fetcher = fetcher
        self._opening: set[asyncio.Task[None]] = set()

    def take(self, ref: str, level: int, rect: TileRect, who: Who) -> None:
        """Start reading the tiles of a rectangle; returns at once. For a slide that isn't open yet it can't be said
        whether it has these tiles.

        Raises:
            InvalidRequest: no tile, or too many.
            InvalidLevel, TileOutOfBounds: the slide has no such level, or no tile there.
            Busy: too many hints wait for slides to be opened.
        """
        if not 1 <= rect.width * rect.height <= MAX_TILES:
            raise InvalidRequest(f"Invalid rectangle: it must hold from 1 to {MAX_TILES} tiles.")
        slide = self._registry.cached(ref)
        if slide is not None:
            self._read(slide, level, rect, who)
            return
        if len(self._opening) >= MAX_OPENING:
            raise Busy("Too many slides are being opened; leave the hint out.")
        task = asyncio.create_task(self._open(ref, level, rect, who))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def aclose(self) -> None:
        """Stop opening."""
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)

    async def _open(self, ref: str, level: int, rect: TileRect, who: Who) -> None:
        try:
            self._read(await self._registry.get(ref), level, rect, who)
        except WsiError:
            return  # the requests that follow the hint will be told

    def _read(self, slide: Slide, level: int, rect: TileRect, who: Who) -> None:
        found = slide.level(level)
        inside = rect.clipped(found.tiles_x, found.tiles_y)
        if inside.width == 0 or inside.height == 0:
            raise TileOutOfBounds(f"Level {level} has no tile there: it has {found.tiles_x} x {found.tiles_y}.")
        self._fetcher.prefetch(slide, found, inside, who)
