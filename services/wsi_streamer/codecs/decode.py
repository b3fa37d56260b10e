"""A tile's stored bytes -> pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image

from wsi_streamer.codecs.jpeg2000 import decode_jpeg2000
from wsi_streamer.codecs.jpeg_markers import read_header
from wsi_streamer.codecs.splice import splice
from wsi_streamer.codecs.unpack import is_packed, unpack
from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.recipe import Recipe

Pixels = npt.NDArray[np.uint8]

_JCS_UNKNOWN = 0


def decode(recipe: Recipe, ranges: Sequence[bytes], width: int, height: int) -> Pixels:
    """(height, width, 3) RGB of a tile of ``width`` x ``height`` pixels; what a last strip leaves is white.

    Alpha is composed over white, grey is replicated.

    Raises:
        DecodeError: damaged, or another size than the tile's.
    """
    if recipe.planar and recipe.samples > 1:
        planes = [_samples(recipe, part, width, height, 1)[..., :1] for part in ranges]
        rows = min(len(plane) for plane in planes)
        samples = np.concatenate([plane[:rows] for plane in planes], axis=2)
    else:
        samples = _samples(recipe, ranges[0], width, height, recipe.samples)
    return _sized(to_rgb(recipe, samples), width, height)


def _samples(recipe: Recipe, stored: bytes, width: int, height: int, count: int) -> Pixels:
    """(rows, columns, samples) as the recipe's photometric means them."""
    if is_packed(recipe):
        return unpack(recipe, stored, width, height, count)
    limit = 2 * width * height
    if recipe.codec == "jpeg":
        samples = _jpeg(recipe, stored, limit)
    elif recipe.codec == "jpeg2k":
        samples = decode_jpeg2000(stored, ycbcr=recipe.photometric == "ycbcr", max_pixels=limit)
    else:
        samples = _picture(recipe, stored, (height, width) if count == 1 else (height, width, count))
    samples = np.atleast_3d(samples)
    if samples.shape[2] < count and not (recipe.photometric == "palette"):
        raise DecodeError(f"The tile has {samples.shape[2]} samples a pixel, and its slide says {count}.")
    return samples


def _jpeg(recipe: Recipe, stored: bytes, max_pixels: int) -> Pixels:
    stream = splice(recipe, stored)
    header = read_header(stream)
    if not 0 < header.width * header.height <= max_pixels:
        raise DecodeError("The tile's JPEG picture is not of the tile's size.")
    # Four components are RGB and alpha here, which libjpeg would take for CMYK; one and three it reads as browsers do.
    spaces: dict[str, Any] = {}
    if header.components == 4:
        spaces = {"colorspace": _JCS_UNKNOWN, "outcolorspace": _JCS_UNKNOWN}
    try:
        return np.asarray(imagecodecs.jpeg8_decode(stream, **spaces))
    except (imagecodecs.Jpeg8Error, ValueError, MemoryError) as error:
        raise DecodeError("The tile's JPEG data is damaged.") from error


_PICTURES: dict[str, Callable[[bytes, Pixels], Any]] = {
    # An encoder may have dropped an alpha that was opaque all over.
    "webp": lambda data, out: imagecodecs.webp_decode(data, hasalpha=out.shape[2:] == (4,), out=out),
    "png": lambda data, out: imagecodecs.png_decode(data, out=out),
    "jpegxl": lambda data, out: imagecodecs.jpegxl_decode(data, numthreads=1, out=out),
    "jpegxr": lambda data, out: imagecodecs.jpegxr_decode(data, out=out),
    "lerc": lambda data, out: imagecodecs.lerc_decode(_unwrapped_lerc(data, out.nbytes), out=out),
}


def _picture(recipe: Recipe, stored: bytes, shape: tuple[int, ...]) -> Pixels:
    """These are given the array to fill: they read their header first and refuse a picture of another size, before
    they take memory for it."""
    try:
        return np.asarray(_PICTURES[recipe.codec](stored, np.empty(shape, np.uint8)))
    except (RuntimeError, ValueError, MemoryError) as error:
        raise DecodeError(f"The tile's {recipe.codec} data is damaged, or not of the tile's size.") from error


def _unwrapped_lerc(data: bytes, size: int) -> bytes:
    """GDAL may compress LERC blobs once more; the magic numbers tell. A blob is hardly larger than its pixels."""
    limit = 2 * size + 4096
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return bytes(imagecodecs.zstd_decode(data, out=limit))
    if data[:1] == b"\x78":
        return bytes(imagecodecs.zlib_decode(data, out=limit))
    return data


def to_rgb(recipe: Recipe, samples: Pixels) -> Pixels:
    """(rows, columns, samples) as decoded -> (rows, columns, 3)."""
    if recipe.photometric == "palette":
        palette: Pixels = np.frombuffer(recipe.palette, np.uint8).reshape(256, 3)
        return palette[samples[..., 0]]
    colour = 1 if recipe.samples <= 2 else 3
    pixels = samples[..., :colour]
    if recipe.photometric == "miniswhite":
        pixels = 255 - pixels
    if colour == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    elif recipe.photometric == "ycbcr" and _is_still_ycbcr(recipe, samples.shape[2]):
        pixels = np.asarray(Image.fromarray(np.ascontiguousarray(pixels), "YCbCr").convert("RGB"))
    if recipe.alpha != "none" and samples.shape[2] > colour:
        return _over_white(pixels, samples[..., colour : colour + 1], associated=recipe.alpha == "associated")
    return pixels


def _is_still_ycbcr(recipe: Recipe, samples: int) -> bool:
    """Whether no codec converted by itself: it does only what it decodes as three components at once."""
    return is_packed(recipe) or recipe.planar or samples == 4


def _over_white(pixels: Pixels, alpha: Pixels, *, associated: bool) -> Pixels:
    opacity = alpha.astype(np.uint16)
    colour = pixels.astype(np.uint16)
    if not associated:
        colour = (colour * opacity + 127) // 255
    whitened: Pixels = np.minimum(colour + 255 - opacity, 255).astype(np.uint8)
    return whitened


def _sized(pixels: Pixels, width: int, height: int) -> Pixels:
    if pixels.shape[:2] == (height, width):
        return pixels
    tile = np.full((height, width, 3), 255, np.uint8)
    part = pixels[:height, :width]
    tile[: part.shape[0], : part.shape[1]] = part
    return tile
