"""Real slides' tiles decoded small, against the same decoded whole and averaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.support.slides import real_slide
from tests.unit.codecs.streams import difference
from wsi_streamer.codecs.decode import decode
from wsi_streamer.codecs.jpeg2000_reduced import reduce
from wsi_streamer.codecs.jpeg_reduced import decode_reduced_jpeg
from wsi_streamer.codecs.reduced import decode_reduced
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.recipe import Recipe

DATA = Path(__file__).with_name("data")


def richest(page: tifffile.TiffPage, count: int) -> list[bytes]:
    """The streams of the tiles with most in them."""
    found = []
    for offset, length in zip(page.dataoffsets, page.databytecounts, strict=True):
        page.parent.filehandle.seek(offset)
        found.append(page.parent.filehandle.read(length))
    return sorted(found, key=len)[-count:]


def mean_error(recipe: Recipe, stored: list[bytes], size: int, halvings: int) -> float:
    small = size >> halvings
    errors = [
        difference(
            decode_reduced(recipe, [s], size, size, halvings), shrink(decode(recipe, [s], size, size), small, small)
        )
        for s in stored
    ]
    return float(np.mean(errors))


@pytest.mark.parametrize("halvings", [2, 3, 4])
def test_jpeg2000(halvings: int) -> None:
    with tifffile.TiffFile(real_slide("tcga-cr-7395-01a-01-ts1.svs")) as tif:
        for page in (tif.pages[0], tif.pages[2]):
            stored = richest(page, 30)
            assert all(reduce(s, 256, 256, 2) for s in stored)
            assert mean_error(Recipe("jpeg2k", "rgb", 3), stored, 256, halvings) < 1.8


@pytest.mark.parametrize("halvings", [2, 3])
@pytest.mark.parametrize(("name", "most"), [("ycbcr-11.j2k", 2), ("ycbcr-21.j2k", 1), ("ycbcr-22.j2k", 0)])
def test_jpeg2000_whose_chroma_is_halved(name: str, most: int, halvings: int) -> None:
    stored = (DATA / name).read_bytes()
    assert [bool(reduce(stored, 64, 64, by)) for by in (1, 2)] == [most >= 1, most >= 2]
    assert mean_error(Recipe("jpeg2k", "ycbcr", 3), [stored], 64, halvings) < 1.5


@pytest.mark.parametrize("halvings", [1, 2, 3, 4])
def test_jpeg_that_is_rgb_without_saying_so(halvings: int) -> None:
    with tifffile.TiffFile(real_slide("CMU-1-Small-Region.svs")) as tif:
        page = tif.pages[0]
        recipe = Recipe("jpeg", "rgb", 3, tables=page.jpegtables[2:-2], mark_rgb=True)
        stored = richest(page, 30)
        assert all(decode_reduced_jpeg(recipe, s, 240, 240, halvings) is not None for s in stored)
        assert mean_error(recipe, stored, 240, halvings) < 0.6
