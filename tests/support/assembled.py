"""A level put together from its tiles, as a worker reads and decodes them, to be compared with an oracle's picture."""

from __future__ import annotations

import numpy as np

from wsi_streamer.codecs.decode import decode
from wsi_streamer.slides.slide import ParsedSlide


def whole_level(data: bytes, slide: ParsedSlide, index: int) -> np.ndarray:
    """(height, width, 3); sparse tiles are 0, as tifffile leaves them."""
    level, table = slide.levels[index], slide.tables[index]
    canvas = np.zeros((level.tiles_y * level.tile_height, level.tiles_x * level.tile_width, 3), np.uint8)
    for y in range(level.tiles_y):
        for x in range(level.tiles_x):
            entry = level.entry(x, y)
            ranges = [table.range_at(entry + r) for r in range(level.ranges)]
            if any(r.length == 0 for r in ranges):
                continue
            tile = decode(level.recipe, [data[r.offset : r.end] for r in ranges], level.tile_width, level.tile_height)
            canvas[y * level.tile_height :, x * level.tile_width :][: level.tile_height, : level.tile_width] = tile
    return canvas[: level.height, : level.width]


def three_samples(pixels: np.ndarray) -> np.ndarray:
    """Grey replicated."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
