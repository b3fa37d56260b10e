"""A plain TIFF pyramid: LZW with horizontal differencing, the coarser levels as SubIFDs of the first."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import tifffile

from tests.samples.layout import Cut
from tests.samples.pyramid import Pixels, Progress, Pyramid, cut_tiles, write_level

_MICROMETRES = 0.499


def write_lzw(path: Path, cut: Cut, downsamples: tuple[int, ...], progress: Progress) -> None:
    """No vendor's file: its scale stands in the resolution tags alone."""
    pyramid = Pyramid(cut, encode_lzw, progress)
    with tifffile.TiffWriter(path, bigtiff=False) as tif:
        write_level(
            tif, pyramid.tiles(), (cut.width, cut.height), compression="lzw", predictor=2, subifds=len(downsamples),
            resolution=(1e4 / _MICROMETRES, 1e4 / _MICROMETRES), resolutionunit="centimeter",
        )  # fmt: skip
        for downsample in downsamples:
            pixels = pyramid.small(downsample)
            tiles = (encode_lzw(tile) for row in cut_tiles(pixels) for tile in row)
            size = (pixels.shape[1], pixels.shape[0])
            write_level(tif, tiles, size, compression="lzw", predictor=2, subfiletype=1)


def encode_lzw(pixels: Pixels) -> bytes:
    """A tile."""
    return bytes(imagecodecs.lzw_encode(imagecodecs.delta_encode(pixels, axis=1).tobytes()))
