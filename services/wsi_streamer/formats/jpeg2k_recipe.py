"""Recipes of JPEG 2000 tiles. The codestream says whether luma and chroma are its own doing."""

from __future__ import annotations

from dataclasses import replace

from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.jpeg2k_header import PEEK, Jpeg2000Header, read_jpeg2k_header
from wsi_streamer.formats.samples import sample
from wsi_streamer.slides.recipe import Photometric, Recipe
from wsi_streamer.slides.tile_table import TileTable

_APERIO_YCBCR, _APERIO_RGB = 33003, 33005


def complete(recipe: Recipe, ifd: Ifd, table: TileTable) -> Recipe:
    """The recipe with what a tile's SIZ and COD say.

    Raises:
        Unsupported: not 8 bits, or a number of components that the tags don't name.
        Broken: no tile looked at is JPEG 2000.
    """
    seen = sample(ifd.source.file, table, read_jpeg2k_header, (PEEK, PEEK * 64))
    if not seen:
        if any(table.counts):
            raise Broken(f"{ifd}: its tags say JPEG 2000, but its tiles are something else.")
        return replace(recipe, photometric="rgb" if recipe.samples >= 3 else recipe.photometric)
    header = seen[0]
    if set(header.bits) != {8}:
        raise Unsupported(
            f"{ifd} has JPEG 2000 tiles of {max(map(abs, header.bits))} bits; only 8 unsigned are served."
        )
    wanted = 1 if recipe.planar else recipe.samples
    if header.components != wanted:
        raise Unsupported(f"{ifd} has {wanted} samples a pixel, but JPEG 2000 tiles of {header.components}.")
    if header.width > ifd.tile_width or header.height > ifd.tile_height:
        raise Broken(
            f"{ifd} has tiles of {ifd.tile_width} x {ifd.tile_height} pixels, "
            f"but a JPEG 2000 picture of {header.width} x {header.height} in one."
        )
    if recipe.planar or header.components < 3:
        return recipe
    return replace(recipe, photometric=_meaning(recipe, ifd, header), subsampling=_chroma(header))


def _meaning(recipe: Recipe, ifd: Ifd, header: Jpeg2000Header) -> Photometric:
    """What the components are once the codec has undone its own transform.

    Aperio's 33003 leaves luma and chroma to the reader, 33005 has the codec do it; other writers' streams without
    a transform of their own mean what the tag says, and subsampled components can only be chroma.
    """
    if header.transform:
        return "rgb"
    if _chroma(header) != (1, 1) or header.sycc or ifd.compression == _APERIO_YCBCR:
        return "ycbcr"
    if recipe.photometric == "ycbcr" and ifd.compression != _APERIO_RGB:
        return "ycbcr"
    return "rgb"


def _chroma(header: Jpeg2000Header) -> tuple[int, int]:
    if header.components < 3:
        return (1, 1)
    (x0, y0), (x1, y1) = header.subsampling[:2]
    return (max(1, x1 // max(1, x0)), max(1, y1 // max(1, y0)))
