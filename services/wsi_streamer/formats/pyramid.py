"""Which of a file's images are levels of one pyramid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.pixels import check_geometry
from wsi_streamer.formats.recipe_of import recipe_of
from wsi_streamer.formats.tables import table_of
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.tile_table import TileTable

MAX_LEVELS = 40

_ASPECT = 0.02
"""How far a level's proportions may be from level 0's beyond rounding: some writers crop or pad levels to a coarser
grid, so that downsamples like 4.016 and 8.086 result."""

Built = tuple[tuple[Level, ...], tuple[TileTable, ...]]


def fits(full: Ifd, other: Ifd) -> bool:
    """Whether ``other`` can be ``full`` at a lower resolution: smaller, and of its proportions within rounding."""
    if not 0 < other.width <= full.width or not 0 < other.height <= full.height:
        return False
    across, down = full.width / other.width, full.height / other.height
    rounding = 2 / min(other.width, full.width) + 2 / min(other.height, full.height)
    return abs(across / down - 1) <= _ASPECT + rounding and max(across, down) > 1.1


def levels_among(full: Ifd, candidates: Iterable[Ifd]) -> list[Ifd]:
    """``full`` and the candidates that are its lower levels, largest first, one of each size."""
    chosen = [full]
    lower = (
        c for c in candidates if c is not full and c.is_tiled and not c.is_mask and _alike(full, c) and fits(full, c)
    )
    for ifd in sorted(lower, key=lambda c: -c.width * c.height):
        if len(chosen) < MAX_LEVELS and ifd.width < chosen[-1].width and ifd.height <= chosen[-1].height:
            chosen.append(ifd)
    return chosen


def _alike(full: Ifd, other: Ifd) -> bool:
    """Of the same samples: a mask or channel that isn't flagged as one is no level either."""
    return full.samples == other.samples and set(full.bits) == set(other.bits)


def build(ifds: Sequence[Ifd], *, finer: bool = False) -> Built:
    """Levels and tile tables of ``ifds``, which are in order.

    Args:
        ifds: level 0 first.
        finer: sparse tiles of the lower levels are filled from the next finer level, as Aperio means them.

    Raises:
        Unsupported: a level can't be served rightly.
        Broken: a level is damaged.
    """
    full = ifds[0]
    check_geometry(full)
    levels: list[Level] = []
    tables: list[TileTable] = []
    for index, ifd in enumerate(ifds):
        level, table = level_of(
            ifd, index, (full.width / ifd.width + full.height / ifd.height) / 2, finer and index > 0
        )
        if _colours(level) != _colours(levels[0] if levels else level):
            raise Unsupported(f"{ifd}, a level of the pyramid, is {level.recipe.photometric}, unlike the first level.")
        if index == 0 and not any(table.counts):
            raise Broken(f"{ifd} has no tile with any data: the file was never finished.")
        levels.append(level)
        tables.append(table)
    return tuple(levels), tuple(tables)


def level_of(ifd: Ifd, index: int, downsample: float, finer: bool = False) -> tuple[Level, TileTable]:
    """One image as a level with its table.

    Raises:
        Unsupported: it can't be served rightly.
        Broken: it is damaged.
    """
    check_geometry(ifd)
    table = table_of(ifd)
    recipe = recipe_of(ifd, table)
    level = Level(
        index=index,
        width=ifd.width,
        height=ifd.height,
        tile_width=ifd.tile_width,
        tile_height=ifd.tile_height,
        downsample=downsample,
        recipe=recipe,
        ranges=recipe.samples if recipe.planar else 1,
        sparse="finer" if finer else "background",
    )
    return level, table


def _colours(level: Level) -> bool:
    return level.recipe.photometric in ("minisblack", "miniswhite")
