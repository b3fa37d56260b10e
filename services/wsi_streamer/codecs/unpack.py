"""General-purpose compressions -> samples."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt

from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.recipe import Recipe

Samples = npt.NDArray[np.uint8]

_UNPACKERS: dict[str, Callable[[bytes, int], Any]] = {
    "none": lambda data, size: data,
    "lzw": lambda data, size: imagecodecs.lzw_decode(data, out=size),
    "deflate": lambda data, size: _inflate(data, size),
    "zstd": lambda data, size: imagecodecs.zstd_decode(data, out=size),
    "packbits": lambda data, size: imagecodecs.packbits_decode(data, out=size),
    "lzma": lambda data, size: imagecodecs.lzma_decode(data, out=size),
}


def is_packed(recipe: Recipe) -> bool:
    """Whether the codec is one that knows nothing of pictures."""
    return recipe.codec in _UNPACKERS


def unpack(recipe: Recipe, stored: bytes, width: int, height: int, samples: int) -> Samples:
    """(rows, width, samples) of one range; ``rows`` is ``height``, or less in a last strip. The output is bounded by the
    tile's size, whatever the bytes say.

    Raises:
        DecodeError: damaged, or not whole rows.
    """
    if recipe.reversed_bits:
        stored = bytes(imagecodecs.bitorder_decode(stored))
    if recipe.subsampling != (1, 1) and recipe.photometric == "ycbcr":
        return _subsampled(recipe, stored, width, height)
    row = width * samples
    data = np.frombuffer(_unpacked(recipe, stored, row * height), np.uint8)
    rows = min(height, len(data) // row)
    if rows == 0:
        raise DecodeError("The tile holds less than one row of pixels.")
    pixels = data[: rows * row].reshape(rows, width, samples)
    if recipe.predictor == 2:
        return np.asarray(imagecodecs.delta_decode(pixels, axis=1))
    if recipe.predictor != 1:
        raise DecodeError("The tile uses a predictor that 8-bit samples can't have.")
    return pixels


def _unpacked(recipe: Recipe, stored: bytes, size: int) -> bytes:
    try:
        return bytes(_UNPACKERS[recipe.codec](stored, size))
    except (RuntimeError, ValueError, MemoryError) as error:
        raise DecodeError(f"The tile's {recipe.codec} data is damaged.") from error


def _inflate(data: bytes, size: int) -> bytes:
    try:
        return bytes(imagecodecs.zlib_decode(data, out=size))
    except imagecodecs.ZlibError:
        # More than the pixels, or no checksum: other readers take what they need and look no further.
        try:
            pixels = zlib.decompressobj().decompress(data, size)
        except zlib.error as error:
            raise ValueError("not zlib") from error
        if len(pixels) < size:
            raise
        return pixels


def _subsampled(recipe: Recipe, stored: bytes, width: int, height: int) -> Samples:
    """TIFF's data units: the luma samples of a block row by row, then one Cb and one Cr (TIFF 6.0, section 21)."""
    horizontal, vertical = recipe.subsampling
    columns, rows = -(-width // horizontal), -(-height // vertical)
    unit = horizontal * vertical + 2
    data = np.frombuffer(_unpacked(recipe, stored, columns * rows * unit), np.uint8)
    if len(data) < columns * rows * unit:
        raise DecodeError("The tile holds less than its pixels.")
    units = data[: columns * rows * unit].reshape(rows, columns, unit)
    luma = units[:, :, : horizontal * vertical].reshape(rows, columns, vertical, horizontal)
    pixels = np.empty((rows * vertical, columns * horizontal, 3), np.uint8)
    pixels[..., 0] = luma.transpose(0, 2, 1, 3).reshape(rows * vertical, columns * horizontal)
    for channel in (1, 2):
        chroma = units[:, :, horizontal * vertical + channel - 1]
        pixels[..., channel] = chroma.repeat(vertical, axis=0).repeat(horizontal, axis=1)
    return pixels[:height, :width]
