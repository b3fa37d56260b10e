"""Stored tiles as JPEG: the way that stays in YCbCr shows what the way through RGB does."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from tests.unit.codecs.test_reduced import difference, j2k, tissue
from wsi_streamer.codecs.compose import without_padding
from wsi_streamer.codecs.decode import decode
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.codecs.transcode import transcode
from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe

SIZE = 64


def level(recipe: Recipe, width: int = 4 * SIZE) -> Level:
    return Level(0, width, 4 * SIZE, SIZE, SIZE, 1.0, recipe)


def stored(recipe: Recipe) -> bytes:
    pixels = Image.fromarray(tissue(SIZE, SIZE))
    return j2k(np.asarray(pixels.convert("YCbCr") if recipe.photometric == "ycbcr" else pixels), mct=0)


@pytest.mark.parametrize("photometric", ["ycbcr", "rgb"])
@pytest.mark.parametrize("quality", [40, 80, 95])
@pytest.mark.parametrize("x", [0, 3])
def test_the_picture_is_that_of_decoding_and_encoding(photometric: str, quality: int, x: int) -> None:
    recipe = Recipe("jpeg2k", photometric, 3)  # type: ignore[arg-type]
    of, data = level(recipe, width=4 * SIZE - 20), stored(recipe)  # the last column is padded
    shown = imagecodecs.jpeg8_decode(transcode(of, x, 0, [data], quality))
    through_rgb = without_padding(of, x, 0, decode(recipe, [data], SIZE, SIZE))
    assert difference(shown, imagecodecs.jpeg8_decode(encode_jpeg(through_rgb, quality))) < 1.5


def test_a_picture_of_another_size_or_none_is_refused() -> None:
    recipe = Recipe("jpeg2k", "ycbcr", 3)
    large = j2k(np.asarray(Image.fromarray(tissue(4 * SIZE, 4 * SIZE)).convert("YCbCr")), mct=0)
    for data in (large, stored(recipe)[:90], b"", b"\xff\x4f\xff\x51"):
        with pytest.raises(DecodeError):
            transcode(level(recipe), 0, 0, [data], 80)
