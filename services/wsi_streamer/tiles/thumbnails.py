"""Small pictures of whole slides, from the smallest sufficient level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

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


@dataclass(frozen=True, slots=True)
class _Cell:
    rect: PixelRect
    render: Callable[[], Pixels]


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
        cells = await self._cells(slide, width, height)
        return await self._transcoder.run(lambda: encode_jpeg(_joined(cells, width, height), quality))

    async def _cells(self, slide: Slide, width: int, height: int) -> list[_Cell]:
        for grid in _GRIDS:
            rects = _split(width, height, grid)
            if all(source_for(slide, width, height, rect) for rect in rects):
                return [_Cell(rect, await self._composer.field(slide, width, height, rect)) for rect in rects]
        return await self._enlarged(slide, width, height)

    async def _enlarged(self, slide: Slide, width: int, height: int) -> list[_Cell]:
        """From an overview that is smaller than what was asked for: soft, but the slide."""
        for source in reversed(readable_levels(slide)):
            whole = PixelRect(0, 0, source.level.width, source.level.height)
            if source.overview and source_for(slide, whole.width, whole.height, whole) is not None:
                render = await self._composer.field(slide, whole.width, whole.height, whole)
                return [_Cell(PixelRect(0, 0, width, height), partial(_resized, render, width, height))]
        raise Busy("An overview of this slide is still being made; try again in a few seconds.", retry_after=5)


def fitted(width: int, height: int, size: int) -> tuple[int, int]:
    """The slide's proportions within ``size`` x ``size`` pixels, not enlarged."""
    scale = min(1.0, size / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resized(render: Callable[[], Pixels], width: int, height: int) -> Pixels:
    return shrink(render(), width, height)


def _split(width: int, height: int, grid: int) -> list[PixelRect]:
    xs = [width * i // grid for i in range(grid + 1)]
    ys = [height * i // grid for i in range(grid + 1)]
    return [
        PixelRect(xs[i], ys[j], xs[i + 1] - xs[i], ys[j + 1] - ys[j])
        for j in range(grid)
        for i in range(grid)
        if xs[i + 1] > xs[i] and ys[j + 1] > ys[j]
    ]


def _joined(cells: list[_Cell], width: int, height: int) -> Pixels:
    whole = np.empty((height, width, 3), np.uint8)
    for cell in cells:
        rect = cell.rect
        whole[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width] = cell.render()
    return whole
