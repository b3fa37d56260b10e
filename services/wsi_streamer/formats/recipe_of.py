"""The recipe that turns an image's stored tiles into pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wsi_streamer.formats import jpeg2k_recipe, jpeg_recipe
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.pixels import Pixels, pixels_of
from wsi_streamer.slides.recipe import Recipe
from wsi_streamer.slides.tile_table import TileTable

# Codecs that bring their own reading of bits and samples: predictor and FillOrder mean nothing to them.
_PICTURE_CODECS = ("jpeg", "jpeg2k", "webp", "jpegxl", "jpegxr", "png", "lerc")


def recipe_of(ifd: Ifd, table: TileTable) -> Recipe:
    """How the tiles of ``table`` become pixels.

    Raises:
        Unsupported: they can't be shown rightly.
        Broken: they are not what the tags say.
    """
    pixels = pixels_of(ifd)
    recipe = Recipe(
        codec=pixels.codec,
        photometric=pixels.photometric,
        samples=pixels.samples,
        planar=ifd.planar and pixels.samples > 1,
        alpha=pixels.alpha,
        palette=_palette(ifd) if pixels.photometric == "palette" else b"",
    )
    if pixels.codec == "jpeg":
        return jpeg_recipe.complete(recipe, ifd, table)
    if pixels.codec == "jpeg2k":
        return jpeg2k_recipe.complete(recipe, ifd, table)
    if pixels.codec in _PICTURE_CODECS:
        # These decode to RGB or grey, whatever they did inside.
        return replace(recipe, photometric="rgb") if pixels.photometric == "ycbcr" else recipe
    recipe = replace(recipe, predictor=_predictor(ifd, pixels), reversed_bits=ifd.number(266, 1) == 2)
    if pixels.photometric == "ycbcr":
        recipe = replace(recipe, subsampling=_subsampling(ifd))
    if pixels.codec == "none":
        _check_plain(recipe, ifd, table)
    return recipe


def _predictor(ifd: Ifd, pixels: Pixels) -> int:
    predictor = ifd.number(317, 1) if pixels.codec not in ("none", "packbits") else 1
    if predictor == 3:
        raise Unsupported(f"{ifd} has the floating point predictor on 8-bit samples, which no reader defines.")
    if predictor not in (1, 2):
        raise Unsupported(f"{ifd} has predictor {predictor}, which is not served.")
    return predictor


def _subsampling(ifd: Ifd) -> tuple[int, int]:
    """YCbCrSubSampling; TIFF's default is 2 x 2."""
    values = ifd.numbers(530) or (2, 2)
    if len(values) != 2 or not set(values) <= {1, 2, 4}:
        raise Unsupported(f"{ifd} has chroma subsampling {values}, which is not served.")
    if values != (1, 1) and (ifd.planar or ifd.number(317, 1) != 1):
        raise Unsupported(f"{ifd} has subsampled chroma that is planar or has a predictor, which is not served.")
    if not (_close(ifd, 529, (0.299, 0.587, 0.114)) and _close(ifd, 532, (0, 255, 128, 255, 128, 255))):
        raise Unsupported(f"{ifd} has YCbCr coefficients or ranges of its own, which are not served.")
    return values[0], values[1]


def _close(ifd: Ifd, code: int, usual: tuple[float, ...]) -> bool:
    """Whether a tag of rationals is missing or holds the ``usual`` numbers."""
    stored = ifd.value(code)
    if not isinstance(stored, tuple):
        return stored is None
    if len(stored) == 2 * len(usual):
        stored = tuple(top / bottom if bottom else 0.0 for top, bottom in zip(stored[::2], stored[1::2], strict=True))
    return len(stored) == len(usual) and all(abs(a - b) < 0.01 for a, b in zip(stored, usual, strict=True))


def _palette(ifd: Ifd) -> bytes:
    """256 RGB triplets."""
    stored = ifd.array(320, 768)
    if len(stored) < 768:
        raise Broken(f"{ifd} has a palette of {len(stored)} values, not 768.")
    # 16 bits a value; some writers put 8-bit values there.
    values = stored >> 8 if int(stored.max()) > 255 else stored
    return values.astype(np.uint8).reshape(3, 256).T.tobytes()


def _check_plain(recipe: Recipe, ifd: Ifd, table: TileTable) -> None:
    """Uncompressed tiles have exactly the bytes of their pixels."""
    across, down = recipe.subsampling if recipe.photometric == "ycbcr" else (1, 1)
    blocks = -(-ifd.tile_width // across) * -(-ifd.tile_height // down)
    need = blocks * (across * down + recipe.samples - 1) if across * down > 1 else blocks * recipe.samples
    if recipe.planar:
        need //= recipe.samples
    counts = np.frombuffer(table.counts, "<u4")
    if not ifd.is_tiled:
        counts = counts[:-1]
    short = int(((counts > 0) & (counts < need)).sum())
    if short:
        raise Broken(f"{ifd}: {short} of its uncompressed tiles have fewer than the {need} bytes of their pixels.")
