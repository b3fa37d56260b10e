"""The sample slides, as independent readers see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile

from tests.samples import ensure_samples


@pytest.fixture(scope="module")
def samples() -> Path:
    return ensure_samples()


@pytest.mark.parametrize(
    ("name", "downsamples", "size"),
    [
        ("synthetic-he.svs", (1, 4, 16, 32), (20992, 20224)),
        ("synthetic-jpeg2000.svs", (1, 4, 16), (6000, 5000)),
    ],
)
def test_openslide_takes_it_for_an_aperio_slide(
    samples: Path, name: str, downsamples: tuple[int, ...], size: tuple[int, int]
) -> None:
    with openslide.OpenSlide(samples / name) as slide:
        assert slide.properties["openslide.vendor"] == "aperio"
        assert slide.dimensions == size
        assert [round(d) for d in slide.level_downsamples] == list(downsamples)
        assert float(slide.properties["openslide.mpp-x"]) == pytest.approx(0.499)
        assert set(slide.associated_images) == {"thumbnail", "label", "macro"}
        for image in slide.associated_images.values():
            assert min(image.size) > 100


@pytest.mark.parametrize("name", ["synthetic-he.svs", "synthetic-jpeg2000.svs"])
def test_levels_show_the_same_tissue(samples: Path, name: str) -> None:
    with openslide.OpenSlide(samples / name) as slide:
        last = slide.level_count - 1
        width, height = slide.level_dimensions[last]
        coarse = np.asarray(slide.read_region((0, 0), last, (width, height)).convert("RGB"), int)
        factor = round(slide.level_downsamples[last] / slide.level_downsamples[last - 1])
        finer = slide.read_region((0, 0), last - 1, (width * factor, height * factor)).convert("RGB")
        assert coarse.std() > 20
        assert np.abs(np.asarray(finer.reduce(factor), int) - coarse).mean() < 3


def test_the_big_one_leaves_its_colours_unsaid(samples: Path) -> None:
    with tifffile.TiffFile(samples / "synthetic-he.svs") as tif:
        page = tif.pages[0]
        assert page.photometric == tifffile.PHOTOMETRIC.RGB
        assert page.jpegtables is not None
        tif.filehandle.seek(page.dataoffsets[0])
        assert tif.filehandle.read(4) == b"\xff\xd8\xff\xc0"


def test_the_plain_one_keeps_its_levels_as_subifds(samples: Path) -> None:
    with tifffile.TiffFile(samples / "synthetic-lzw.tif") as tif:
        page = tif.pages[0]
        assert page.compression == tifffile.COMPRESSION.LZW
        assert page.predictor == 2
        assert [level.shape for level in page.pages] == [(750, 1000, 3), (375, 500, 3)]
        assert page.pages[0].asarray().std() > 20
