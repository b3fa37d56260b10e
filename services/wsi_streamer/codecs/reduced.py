"""A tile's stored bytes -> fewer pixels, decoding no more than these need where the codec can."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from wsi_streamer.codecs import jpeg2000_reduced
from wsi_streamer.codecs.decode import decode, to_rgb
from wsi_streamer.codecs.jpeg2000_reduced import decode_reduced_jpeg2000
from wsi_streamer.codecs.jpeg_reduced import decode_reduced_jpeg
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.recipe import Recipe

Pixels = npt.NDArray[np.uint8]


def decode_reduced(
    recipe: Recipe, ranges: Sequence[bytes], width: int, height: int, halvings: int, *, goes_on: bool = False
) -> Pixels:
    """(height, width, 3) RGB of a tile, both sides halved ``halvings`` times. Each pixel is the average of those it stands
    for, or nearly: `jpeg_reduced` and `jpeg2000_reduced` say how nearly.

    Args:
        halvings: so many that ``width`` and ``height`` are whole multiples.
        goes_on: the result will be made smaller by half at least, so that what it lacks to an average won't show.

    Raises:
        DecodeError: as `decode`.
    """
    if halvings == 0:
        return decode(recipe, ranges, width, height)
    small = _small(recipe, ranges, width, height, halvings, goes_on)
    if small is None:
        small = decode(recipe, ranges, width, height)
    return shrink(small, width >> halvings, height >> halvings)


def _small(
    recipe: Recipe, ranges: Sequence[bytes], width: int, height: int, halvings: int, goes_on: bool
) -> Pixels | None:
    """As far as the codec comes; None where it can't, or where averages of samples are none of colours (palettes, alpha)."""
    if recipe.planar or recipe.samples not in (1, 3) or recipe.photometric == "palette":
        return None
    try:
        if recipe.codec == "jpeg":
            samples = decode_reduced_jpeg(recipe, ranges[0], width, height, halvings)
        elif recipe.codec == "jpeg2k":
            ycbcr = recipe.photometric == "ycbcr"
            most = min(halvings if goes_on else halvings - 1, jpeg2000_reduced.MOST)
            samples = decode_reduced_jpeg2000(ranges[0], width, height, most, ycbcr=ycbcr)
        else:
            return None
    except DecodeError:
        return None  # or the whole stream makes sense to a decoder that needs no more of it, or it says what is wrong
    if samples is None:
        return None
    samples = np.atleast_3d(samples)
    return to_rgb(recipe, samples) if samples.shape[2] == recipe.samples else None
