"""Several tiles as one picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wsi_streamer.codecs.reduced import decode_reduced
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.geometry import Field, PixelRect, project
from wsi_streamer.slides.level import Level

Pixels = npt.NDArray[np.uint8]
Position = tuple[int, int]
TileParts = Sequence[bytes] | None
"""The stored bytes of a tile, one item a range; None for a sparse tile."""

DAMAGED = 128
"""The grey that stands for tiles whose bytes don't decode: white would look like glass without tissue."""


@dataclass(frozen=True, slots=True)
class Finer:
    """What a sparse tile shows where the next finer level has it."""

    level: Level
    parts: Mapping[Position, TileContent]
    field: Field
    """The tile's own, in ``level``."""


TileContent = Sequence[bytes] | Finer | None
"""What a tile is made of; white for None."""


def fields_beneath(level: Level, finer: Level, sparse: Sequence[Position], most: int) -> dict[Position, Field]:
    """Where sparse tiles of ``level`` lie in ``finer``, in their order. Those that would make it more than ``most`` tiles
    of that level altogether are left out."""
    fields: dict[Position, Field] = {}
    touched: set[Position] = set()
    for x, y in sparse:
        left, top = x * level.tile_width, y * level.tile_height
        width, height = min(level.tile_width, level.width - left), min(level.tile_height, level.height - top)
        field = project(PixelRect(left, top, width, height), level.width, level.height, finer)
        with_it = touched.union(field.tiles(finer))
        if len(with_it) <= most:
            fields[x, y], touched = field, with_it
    return fields


def render(
    level: Level,
    parts: Mapping[Position, TileContent],
    field: Field,
    width: int,
    height: int,
    damaged: list[Position] | None = None,
) -> Pixels:
    """Decode, join and resize tiles. Returns (height, width, 3) RGB.

    Each tile is halved as often as the result allows before it is joined, while it is decoded where the codec can: 64
    tiles of any size never stand in memory at full resolution together. A tile that doesn't decode is grey, for one of
    them is no reason to show nothing of its neighbours.

    Args:
        damaged: takes the positions of the tiles that don't decode.
    """
    damaged = [] if damaged is None else damaged
    first_x, first_y = min(x for x, _ in parts), min(y for _, y in parts)
    columns, rows = max(x for x, _ in parts) - first_x + 1, max(y for _, y in parts) - first_y + 1
    scale = min((field.right - field.left) / width, (field.bottom - field.top) / height)
    halvings = _halvings(level, scale)
    factor = 1 << halvings
    tile_width, tile_height = level.tile_width // factor, level.tile_height // factor
    canvas = np.full((rows * tile_height, columns * tile_width, 3), 255, np.uint8)
    for (x, y), stored in parts.items():
        if stored is None:
            continue
        top, left = (y - first_y) * tile_height, (x - first_x) * tile_width
        place = canvas[top : top + tile_height, left : left + tile_width]
        try:
            place[:] = _tile(level, x, y, stored, _Reduction(halvings, scale >= 2 * factor), damaged)
        except DecodeError:
            damaged.append((x, y))
            place[:] = DAMAGED
    origin_x, origin_y = first_x * level.tile_width, first_y * level.tile_height
    box = (
        (field.left - origin_x) / factor,
        (field.top - origin_y) / factor,
        min((field.right - origin_x) / factor, canvas.shape[1]),
        min((field.bottom - origin_y) / factor, canvas.shape[0]),
    )
    return shrink(canvas, width, height, box=box)


@dataclass(frozen=True, slots=True)
class _Reduction:
    """How a tile is made smaller."""

    halvings: int
    goes_on: bool
    """It will be made smaller by half at least once it is joined."""


def _tile(
    level: Level, x: int, y: int, stored: Sequence[bytes] | Finer, reduction: _Reduction, damaged: list[Position]
) -> Pixels:
    """A tile made smaller. One with padding is halved only after that is replaced, lest its edge hold some of it."""
    width = min(level.tile_width, level.width - x * level.tile_width)
    height = min(level.tile_height, level.height - y * level.tile_height)
    if (width, height) == (level.tile_width, level.tile_height):
        return _content(level, stored, width, height, reduction, damaged)
    whole = without_padding(level, x, y, _content(level, stored, width, height, _Reduction(0, False), damaged))
    return shrink(whole, level.tile_width >> reduction.halvings, level.tile_height >> reduction.halvings)


def _content(
    level: Level,
    stored: Sequence[bytes] | Finer,
    width: int,
    height: int,
    reduction: _Reduction,
    damaged: list[Position],
) -> Pixels:
    """What ``width`` x ``height`` pixels of a tile show, and its padding, made smaller."""
    halvings = reduction.halvings
    if not isinstance(stored, Finer):
        return decode_reduced(
            level.recipe, stored, level.tile_width, level.tile_height, halvings, goes_on=reduction.goes_on
        )
    pixels = render(stored.level, stored.parts, stored.field, width >> halvings, height >> halvings, damaged)
    return padded(pixels, level.tile_width >> halvings, level.tile_height >> halvings)


_GAP = 2
"""What is left to `shrink` where the scale is no power of 2. With less, two grids of nearly one pitch meet, and the result
is sharp in one place and blurred in the next: measured at a scale of 16.7, mean error 7 levels, and 1 with this."""


def _halvings(level: Level, scale: float) -> int:
    halvings = 0
    while level.tile_width % (2 << halvings) == 0 and level.tile_height % (2 << halvings) == 0:
        further = 2 << halvings
        if further * _GAP > scale and not math.isclose(further, scale, rel_tol=1e-6):
            break
        halvings += 1
    return halvings


def without_padding(level: Level, x: int, y: int, tile: Pixels) -> Pixels:
    """The tile with its padding replaced by its last true row and column, lest the padding bleed into the edge when it is
    averaged or encoded."""
    width = min(level.tile_width, level.width - x * level.tile_width)
    height = min(level.tile_height, level.height - y * level.tile_height)
    if (width, height) == (level.tile_width, level.tile_height):
        return tile
    pad = ((0, level.tile_height - height), (0, level.tile_width - width), (0, 0))
    return np.pad(tile[:height, :width], pad, mode="edge")


def padded(pixels: Pixels, width: int, height: int) -> Pixels:
    """A picture on a white ground of a tile's full size."""
    if pixels.shape[:2] == (height, width):
        return pixels
    tile = np.full((height, width, 3), 255, np.uint8)
    tile[: pixels.shape[0], : pixels.shape[1]] = pixels
    return tile
