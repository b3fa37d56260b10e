"""The levels of a painted slide, one row of blocks after the other, on two cores."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.samples.layout import Cut
from tests.samples.scene import Scene

Pixels = npt.NDArray[np.uint8]
Encode = Callable[[Pixels], bytes]
Progress = Callable[[float], None]

BLOCK = 1024
TILE = 256
FIRST_STEP = 4
"""Downsample of the second level."""

_AHEAD = 12
"""Blocks painted ahead of the writer; bounds the memory that they take."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A block: its tiles by rows, and the block made smaller."""

    tiles: list[list[bytes]]
    small: Pixels


class _Painter:
    """What a worker process keeps: painting needs the whole scene, and it is made once."""

    scene: Scene
    encode: Encode

    @classmethod
    def prepare(cls, cut: Cut, encode: Encode) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        cls.scene, cls.encode = Scene.of(cut), staticmethod(encode)

    @classmethod
    def block(cls, left: int, top: int) -> Painted:
        pixels = cls.scene.paint(left, top, BLOCK)
        tiles = [[cls.encode(tile) for tile in row] for row in cut_tiles(pixels)]
        return Painted(tiles, reduce(pixels, FIRST_STEP))


class Pyramid:
    """Level 0's tiles as they are painted, and the coarser levels once they have all been taken."""

    def __init__(self, cut: Cut, encode: Encode, progress: Progress) -> None:
        """``encode`` must be a function of a module: it is called in other processes."""
        self._cut, self._encode, self._progress = cut, encode, progress
        rows, columns = -(-cut.height // BLOCK), -(-cut.width // BLOCK)
        self._blocks = [(column * BLOCK, row * BLOCK) for row in range(rows) for column in range(columns)]
        step = BLOCK // FIRST_STEP
        self._small = np.full((rows * step, columns * step, 3), 255, np.uint8)

    def tiles(self) -> Iterator[bytes]:
        """Level 0, row by row."""
        across, down = -(-self._cut.width // TILE), -(-self._cut.height // TILE)
        row: list[Painted] = []
        done = 0
        for (left, top), block in zip(self._blocks, self._paint(), strict=True):
            y, x = top // FIRST_STEP, left // FIRST_STEP
            self._small[y : y + block.small.shape[0], x : x + block.small.shape[1]] = block.small
            row.append(block)
            if left + BLOCK < self._cut.width:
                continue
            for i in range(min(BLOCK // TILE, down - top // TILE)):
                yield from [tile for painted in row for tile in painted.tiles[i]][:across]
            done += len(row)
            row = []
            self._progress(done / len(self._blocks))

    def small(self, downsample: int) -> Pixels:
        """The picture made smaller by a multiple of `FIRST_STEP`; complete once `tiles` is used up."""
        width, height = self._cut.width // FIRST_STEP, self._cut.height // FIRST_STEP
        return reduce(self._small[:height, :width], downsample // FIRST_STEP)

    def _paint(self) -> Iterator[Painted]:
        # spawn: the same everywhere, and safe beside the threads of numpy.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(2, context, _Painter.prepare, (self._cut, self._encode))
        waiting: deque[Future[Painted]] = deque()
        try:
            for left, top in self._blocks:
                waiting.append(pool.submit(_Painter.block, left, top))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def reduce(pixels: Pixels, factor: int) -> Pixels:
    """Each ``factor`` x ``factor`` pixels averaged; what is left over at the edges is dropped, as scanners do."""
    if factor == 1:
        return pixels
    height, width = pixels.shape[0] // factor, pixels.shape[1] // factor
    whole = Image.fromarray(pixels[: height * factor, : width * factor])
    return np.asarray(whole.reduce(factor))


def cut_tiles(pixels: Pixels) -> list[list[Pixels]]:
    """Tiles by rows, the last ones filled up with the glass's white."""
    rows, columns = -(-pixels.shape[0] // TILE), -(-pixels.shape[1] // TILE)
    padded = np.full((rows * TILE, columns * TILE, 3), 255, np.uint8)
    padded[: pixels.shape[0], : pixels.shape[1]] = pixels
    return [[padded[y * TILE : (y + 1) * TILE, x * TILE : (x + 1) * TILE] for x in range(columns)] for y in range(rows)]


def write_level(tif: Any, tiles: Iterator[bytes], size: tuple[int, int], **tags: Any) -> None:
    """A level of tiles that are encoded already, to an open ``tifffile.TiffWriter``; ``size`` is width, height."""
    tif.write(
        tiles,
        shape=(size[1], size[0], 3),
        dtype=np.uint8,
        tile=(TILE, TILE),
        photometric="rgb",
        metadata=None,
        software=False,
        maxworkers=1,
        **tags,
    )
