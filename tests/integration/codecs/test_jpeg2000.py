"""JPEG 2000 of Aperio's kinds, against OpenSlide.

data/ holds streams that libopenjp2 encoded without loss from `field()`: luma and chroma without the codec's own transform,
named after the chroma's steps across and down.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile

from tests.support.slides import real_slide
from tests.unit.codecs.streams import difference, field
from wsi_streamer.codecs.decode import decode
from wsi_streamer.slides.recipe import Recipe

DATA = Path(__file__).with_name("data")
YCBCR = Recipe("jpeg2k", "ycbcr", 3)


@pytest.mark.parametrize("name", ["ycbcr-11.j2k", "ycbcr-21.j2k", "ycbcr-22.j2k"])
def test_luma_and_chroma_outside_the_codec(name: str, tmp_path: Path) -> None:
    stored = (DATA / name).read_bytes()
    shown = decode(YCBCR, [stored], 64, 64)
    assert difference(shown, field()) < 2
    with tifffile.TiffWriter(tmp_path / "slide.svs") as tif:
        tif.write(
            iter([stored]), shape=(64, 64, 3), dtype=np.uint8, tile=(64, 64), photometric="rgb", compression=33003,
            description="Aperio Image Library v12\r\n64x64 (64x64) J2K|MPP = 0.5", metadata=None, software=False,
        )  # fmt: skip
    with openslide.OpenSlide(tmp_path / "slide.svs") as slide:
        assert slide.properties["openslide.vendor"] == "aperio"
        oracle = np.asarray(slide.read_region((0, 0), 0, (64, 64)).convert("RGB"))
    assert difference(shown, oracle) < 1


def test_a_file_that_names_its_colour_space() -> None:
    assert difference(decode(YCBCR, [(DATA / "sycc-22.jp2").read_bytes()], 64, 64), field()) < 2


def test_a_slide_with_the_codecs_own_transform() -> None:
    path = real_slide("tcga-cr-7395-01a-01-ts1.svs")
    recipe = Recipe("jpeg2k", "rgb", 3)
    with tifffile.TiffFile(path) as tif, openslide.OpenSlide(path) as slide:
        for level in range(slide.level_count):
            page = next(p for p in tif.pages if p.shape[1::-1] == slide.level_dimensions[level])
            # From the corner: elsewhere OpenSlide moves a coarser level by fractions of its pixels.
            oracle = np.asarray(slide.read_region((0, 0), level, slide.level_dimensions[level]).convert("RGB"))
            across = -(-page.imagewidth // page.tilewidth)
            for index in range(0, len(page.dataoffsets), 7):
                tif.filehandle.seek(page.dataoffsets[index])
                shown = decode(recipe, [tif.filehandle.read(page.databytecounts[index])], 256, 256)
                x, y = index % across * 256, index // across * 256
                expected = oracle[y : y + 256, x : x + 256]
                assert difference(shown[: expected.shape[0], : expected.shape[1]], expected) < 0.5
