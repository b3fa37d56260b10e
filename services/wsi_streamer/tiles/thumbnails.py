"""Small pictures of whole slides, from the smallest sufficient level."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from wsi_streamer.codecs.compose import Pixels
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.errors import Busy
from wsi_streamer.slides.geometry import PixelRect
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.composer import Composer, source_for
from wsi_streamer.tiles.open_slide import readable_levels
from wsi_streamer.tiles.tile_cache import TileKey
from wsi_streamer.tiles.tile_maker import Picture, TileMaker
from wsi_streamer.tiles.transcoder import Transcoder

MIN_SIZE = 64
MAX_SIZE = 2048
DEFAULT_SIZE = 512

THUMBNAIL_LEVEL = -1
"""What stands for a level in the cache key of a thumbnail."""

_GRIDS = (1, 2, 4)
"""Cells a side that a thumbnail is made in, so that no cell reads more tiles than a made tile may."""


_CELLS_AT_ONCE = 4
"""Cells read and decoded at the same time: as much stays in memory as this many hold."""

_OWNER = "thumbnails"
"""All of them take turns with the tiles, lest a page of a gallery keep a viewer waiting."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A part of the thumbnail, and the part of a picture of the whole slide that it shows."""

    rect: PixelRect
    width: int
    """Of the picture of the whole slide, pixels."""

    height: int
    field: PixelRect
    """Within that picture; enlarged where it is smaller than ``rect``."""


class Thumbnails:
    """Makes thumbnails, each once."""

    def __init__(self, maker: TileMaker, composer: Composer, transcoder: Transcoder) -> None:
        self._maker = maker
        self._composer = composer
        self._transcoder = transcoder

    async def get(self, slide: Slide, size: int, quality: int) -> Picture:
        """The whole slide in at most ``size`` x ``size`` pixels, never larger than level 0.

        Raises:
            Busy: the slide needs an overview that is still being made, or too much is being decoded.
        """
        key = TileKey(slide.version_id, THUMBNAIL_LEVEL, size, 0, quality)
        return await self._maker.once(key, lambda: self._make(slide, size, quality))

    async def _make(self, slide: Slide, size: int, quality: int) -> bytes:
        self._transcoder.ensure_room()
        width, height = fitted(slide.width, slide.height, size)
        whole = np.empty((height, width, 3), np.uint8)
        slots = asyncio.Semaphore(_CELLS_AT_ONCE)

        async def fill(cell: _Cell) -> None:
            async with slots:
                render = await self._composer.field(slide, cell.width, cell.height, cell.field)
                await self._transcoder.run(partial(_fill, whole, cell.rect, render), _OWNER)

        await _all([fill(cell) for cell in _cells(slide, width, height)])
        return await self._transcoder.run(partial(encode_jpeg, whole, quality), _OWNER)


def _cells(slide: Slide, width: int, height: int) -> list[_Cell]:
    for grid in _GRIDS:
        rects = _split(width, height, grid)
        if all(source_for(slide, width, height, rect) for rect in rects):
            return [_Cell(rect, width, height, rect) for rect in rects]
    # From an overview that is smaller than what was asked for: soft, but the slide.
    for source in reversed(readable_levels(slide)):
        all_of_it = PixelRect(0, 0, source.level.width, source.level.height)
        if source.overview and source_for(slide, all_of_it.width, all_of_it.height, all_of_it) is not None:
            return [_Cell(PixelRect(0, 0, width, height), all_of_it.width, all_of_it.height, all_of_it)]
    raise Busy("An overview of this slide is still being made; try again in a few seconds.", retry_after=5)


def _fill(whole: Pixels, rect: PixelRect, render: Callable[[], Pixels]) -> None:
    """Runs in a thread; no two cells overlap."""
    whole[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width] = shrink(render(), rect.width, rect.height)


async def _all(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """All of it, or the first error, and then nothing of it goes on."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def fitted(width: int, height: int, size: int) -> tuple[int, int]:
    """The slide's proportions within ``size`` x ``size`` pixels, not enlarged."""
    scale = min(1.0, size / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _split(width: int, height: int, grid: int) -> list[PixelRect]:
    xs = [width * i // grid for i in range(grid + 1)]
    ys = [height * i // grid for i in range(grid + 1)]
    return [
        PixelRect(xs[i], ys[j], xs[i + 1] - xs[i], ys[j + 1] - ys[j])
        for j in range(grid)
        for i in range(grid)
        if xs[i + 1] > xs[i] and ys[j + 1] > ys[j]
    ]
