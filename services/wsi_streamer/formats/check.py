"""The parent's own look at what a parser process says a slide is: a parser that was taken over can't harm more than
its own slide."""

from __future__ import annotations

import numpy as np

from wsi_streamer.formats.errors import Broken
from wsi_streamer.formats.jpeg_recipe import MAX_TABLES
from wsi_streamer.formats.pixels import MAX_TILE_PIXELS_BYTES
from wsi_streamer.formats.properties import bounded
from wsi_streamer.formats.pyramid import MAX_LEVELS
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import ParsedSlide
from wsi_streamer.slides.tile_table import TileTable

_MAX_SIDE = 1 << 31


def check(slide: ParsedSlide, size: int) -> None:
    """All numbers fit each other and an object of ``size`` bytes.

    Raises:
        Broken: they don't.
    """
    if not 1 <= len(slide.levels) <= MAX_LEVELS or len(slide.levels) != len(slide.tables):
        raise Broken("Its parser gave no usable pyramid.")
    for index, (level, table) in enumerate(zip(slide.levels, slide.tables, strict=True)):
        if level.index != index:
            raise Broken("Its parser gave levels out of order.")
        _check_level(level, table, size)
    for image in slide.associated_images:
        _check_level(image.level, image.table, size)
    if dict(slide.properties) != bounded(slide.properties):
        raise Broken("Its parser gave properties without bounds.")
    for text in (slide.format, slide.scanner, slide.acquired):
        if text is not None and (len(text) > 200 or "\0" in text):
            raise Broken("Its parser gave a description without bounds.")


def _check_level(level: Level, table: TileTable, size: int) -> None:
    sides = (level.width, level.height, level.tile_width, level.tile_height)
    if not all(0 < side < _MAX_SIDE for side in sides) or level.ranges not in (1, level.recipe.samples):
        raise Broken("Its parser gave a level of no size.")
    if not 1 <= level.recipe.samples <= 4 or level.planes != 1 or level.object_index != 0:
        raise Broken("Its parser gave a level of no sense.")
    palette = 768 if level.recipe.photometric == "palette" else 0
    if len(level.recipe.palette) != palette or len(level.recipe.tables) > MAX_TABLES:
        raise Broken("Its parser gave a recipe of no sense.")
    if level.tile_width * level.tile_height * level.recipe.samples > MAX_TILE_PIXELS_BYTES:
        raise Broken("Its parser gave tiles without bounds.")
    if not (level.downsample >= 1 and level.downsample < _MAX_SIDE):
        raise Broken("Its parser gave a level larger than the first.")
    if table.first != 0 or len(table.counts) != 4 * level.entries or len(table.offsets) != 8 * level.entries:
        raise Broken("Its parser gave a tile table of another length than its level's.")
    offsets, counts = np.frombuffer(table.offsets, "<u8"), np.frombuffer(table.counts, "<u4").astype(np.uint64)
    limit = np.uint64(size)
    if bool(((counts > 0) & ((offsets > limit) | (counts > limit - np.minimum(offsets, limit)))).any()):
        raise Broken("Its parser gave tiles outside the file.")
