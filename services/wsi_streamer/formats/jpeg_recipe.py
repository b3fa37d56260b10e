"""Recipes of JPEG tiles. The stream's own markers beat the TIFF's tags, always."""

from __future__ import annotations

from dataclasses import replace

from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.jpeg_header import (
    PEEK,
    PEEK_MORE,
    JpegHeader,
    clean_tables,
    read_jpeg_header,
    tables_adobe,
)
from wsi_streamer.formats.samples import sample
from wsi_streamer.slides.recipe import Photometric, Recipe
from wsi_streamer.slides.tile_table import TileTable

_JPEG_TABLES = 347
MAX_TABLES = 64 << 10
"""Bytes; 574 are the most that were seen."""

_RGB_IDS = b"RGB"
_DECODABLE = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})


def complete(recipe: Recipe, ifd: Ifd, table: TileTable) -> Recipe:
    """The recipe with what a few of the tiles say of themselves.

    Raises:
        Unsupported: a kind of JPEG that is not served.
        Broken: no tile looked at is a JPEG.
    """
    stored = ifd.raw(_JPEG_TABLES)
    if len(stored) > MAX_TABLES:
        raise Broken(f"{ifd} has JPEG tables of {len(stored)} bytes.")
    tables = clean_tables(stored)
    if recipe.planar and recipe.photometric == "ycbcr":
        raise Unsupported(f"{ifd} has luma and chroma in JPEG streams of their own, which is not served.")
    recipe = replace(recipe, tables=tables)
    if not any(table.counts):
        return _of_tags(recipe)
    seen = sample(ifd.source.file, table, read_jpeg_header, (PEEK, PEEK_MORE))
    if not seen:
        raise Broken(f"{ifd}: its tags say JPEG, but its tiles are something else.")
    for header in seen:
        _check(ifd, header, recipe)
    first = seen[0]
    if any(header.components != first.components for header in seen):
        raise Unsupported(f"{ifd} mixes grey and colour tiles.")
    if recipe.planar:
        return recipe
    recipe = _with_components(recipe, ifd, first)
    mark = recipe.samples == 3 and _needs_mark(recipe, seen, tables)
    whole = all((h.width, h.height) == (ifd.tile_width, ifd.tile_height) for h in seen) or not ifd.is_tiled
    plain = recipe.photometric in ("rgb", "minisblack") and recipe.samples in (1, 3)
    return replace(
        recipe,
        photometric="rgb" if recipe.photometric == "ycbcr" and recipe.samples == 3 else recipe.photometric,
        mark_rgb=mark,
        passthrough=(plain or recipe.photometric == "ycbcr") and whole and all(h.shown_by_browsers for h in seen),
    )


def _of_tags(recipe: Recipe) -> Recipe:
    """For a level whose tiles are all sparse, so that no stream can be asked."""
    photometric = "rgb" if recipe.photometric == "ycbcr" else recipe.photometric
    return replace(recipe, photometric=photometric)


def _check(ifd: Ifd, header: JpegHeader, recipe: Recipe) -> None:
    """A stream that can be decoded and is the size of its tile."""
    if header.precision != 8:
        raise Unsupported(f"{ifd} has JPEG tiles of {header.precision} bits a sample; only 8 are served.")
    if header.sof not in _DECODABLE:
        name = "lossless JPEG" if header.sof in (0xC3, 0xCB) else f"JPEG with frame type {header.sof:#04x}"
        raise Unsupported(f"{ifd} is stored in {name}, which is not served.")
    wanted = 1 if recipe.planar else recipe.samples
    if header.components == 2:
        raise Unsupported(f"{ifd} has JPEG tiles of grey and alpha, which is not served.")
    if header.components != wanted and not {header.components, wanted} <= {1, 3}:
        raise Unsupported(f"{ifd} has {wanted} samples a pixel, but JPEG tiles of {header.components}.")
    if header.width > ifd.tile_width or header.height > ifd.tile_height:
        raise Broken(
            f"{ifd} has tiles of {ifd.tile_width} x {ifd.tile_height} pixels, "
            f"but a JPEG of {header.width} x {header.height} in one."
        )


def _with_components(recipe: Recipe, ifd: Ifd, header: JpegHeader) -> Recipe:
    """The streams decide how many samples there are."""
    if header.components == recipe.samples:
        return recipe
    if recipe.photometric == "palette":
        raise Broken(f"{ifd} has a palette, but colour JPEG tiles.")
    # Three components where the tags say grey: a writer that let the codec choose, and codecs choose YCbCr.
    photometric: Photometric = "minisblack" if header.components == 1 else "ycbcr"
    return replace(recipe, samples=header.components, photometric=photometric, alpha="none")


def _needs_mark(recipe: Recipe, seen: list[JpegHeader], tables: bytes) -> bool:
    """Whether R, G, B must be said for the streams, because neither they nor their tables do."""
    if tables_adobe(tables) is not None:
        return False
    silent = [header for header in seen if not header.marked]
    if not silent or any(header.subsampled for header in silent):
        return False
    return recipe.photometric == "rgb" or any(header.ids == _RGB_IDS for header in silent)
