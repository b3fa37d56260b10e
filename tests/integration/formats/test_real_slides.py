"""Real files: levels, ranges and numbers as tifffile and OpenSlide see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile

from tests.support.assembled import three_samples, whole_level
from tests.support.slides import real_slide, real_slides_dir
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.slides.slide import ParsedSlide

SERVED = {
    "CMU-1-Small-Region.svs": 1,
    "tcga-cr-7395-01a-01-ts1.svs": 2,
    "OS-1-detail.ome.tif": 1,
    "CMU-1-small.tiff": 3,
    "cog_rgb.tif": 2,
    "usda_naip_512_jpeg_z5.tif": 5,
    "be_cog.tiff": 5,
    "tiff_with_subifds.tif": 3,
    "rgbsmall_JPEG_tiled.tif": 1,
    "rgbsmall_LZW_tiled.tif": 1,
    "rgbsmall_DEFLATE_tiled.tif": 1,
    "rgbsmall_ZSTD_tiled.tif": 1,
    "rgbsmall_WEBP_tiled.tif": 1,
}


@dataclass
class Counting:
    data: bytes
    reads: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return self.data[offset : offset + length]


def parsed(name: str) -> ParsedSlide:
    return parse(BytesReader(real_slide(name).read_bytes()))


@pytest.mark.parametrize("name", SERVED)
def test_levels_and_ranges_are_tifffiles(name: str) -> None:
    slide = parsed(name)
    assert len(slide.levels) == SERVED[name]
    with tifffile.TiffFile(real_slide(name)) as oracle:
        pages = [page for top in oracle.pages for page in (top, *(top.pages or ()))]
        for level, table in zip(slide.levels, slide.tables, strict=True):
            same = [p for p in pages if (p.imagewidth, p.imagelength) == (level.width, level.height)]
            page = next(p for p in same if p.is_tiled and not p.subfiletype & 4)
            assert (level.tile_width, level.tile_height) == (page.tilewidth, page.tilelength)
            ranges = [(table.range_at(i).offset, table.range_at(i).length) for i in range(len(table))]
            counted = zip(page.dataoffsets, page.databytecounts, strict=True)
            assert ranges == [(offset if count else 0, count) for offset, count in counted]


@pytest.mark.parametrize("name", SERVED)
def test_pixels_are_tifffiles(name: str) -> None:
    data = real_slide(name).read_bytes()
    slide = parse(BytesReader(data))
    with tifffile.TiffFile(real_slide(name)) as oracle:
        pages = [page for top in oracle.pages for page in (top, *(top.pages or ()))]
        for level in slide.levels:
            if level.width * level.height > 20_000_000:
                continue  # 512 tiles of which 506 are sparse: the levels below show the same
            same = [p for p in pages if (p.imagewidth, p.imagelength) == (level.width, level.height)]
            page = next(p for p in same if p.is_tiled and not p.subfiletype & 4)
            want = three_samples(page.asarray()).astype(int)
            assert np.abs(whole_level(data, slide, level.index) - want).mean() < 0.5


@pytest.mark.parametrize("name", ["CMU-1-Small-Region.svs", "tcga-cr-7395-01a-01-ts1.svs", "CMU-1-small.tiff"])
def test_numbers_are_openslides(name: str) -> None:
    slide = parsed(name)
    with openslide.OpenSlide(real_slide(name)) as oracle:
        assert [(level.width, level.height) for level in slide.levels] == list(oracle.level_dimensions)
        assert [level.downsample for level in slide.levels] == pytest.approx(oracle.level_downsamples)
        mpp = oracle.properties.get(openslide.PROPERTY_NAME_MPP_X)
        assert slide.mpp_x == (None if mpp is None else pytest.approx(float(mpp)))
        power = oracle.properties.get(openslide.PROPERTY_NAME_OBJECTIVE_POWER)
        assert slide.objective == (None if power is None else float(power))
        sizes = {image.name: (image.level.width, image.level.height) for image in slide.associated_images}
        assert sizes == {name: image.size for name, image in oracle.associated_images.items()}
        for name, value in oracle.properties.items():
            if name.startswith("aperio.") and name in slide.properties:
                assert slide.properties[name] == value


def test_what_was_learnt_from_the_streams() -> None:
    svs = parsed("CMU-1-Small-Region.svs").levels[0].recipe
    assert (svs.passthrough, svs.mark_rgb, len(svs.tables)) == (True, True, 285)
    ome = parsed("OS-1-detail.ome.tif").levels[0].recipe
    assert (ome.passthrough, ome.mark_rgb) == (True, False)
    j2k = parsed("tcga-cr-7395-01a-01-ts1.svs")
    assert {(level.recipe.codec, level.recipe.photometric) for level in j2k.levels} == {("jpeg2k", "rgb")}
    assert j2k.icc_profile
    cog = parsed("be_cog.tiff").levels[0].recipe
    assert (cog.passthrough, cog.mark_rgb, len(cog.tables)) == (True, False, 570)
    assert parsed("CMU-1-small.tiff").levels[0].recipe.mark_rgb


def test_ndpi_is_refused_by_name_under_any_name() -> None:
    with pytest.raises(Unsupported, match="Hamamatsu NDPI"):
        parsed("test3-DAPI-2-(387).ndpi")


def test_dicom_is_refused_by_name() -> None:
    files = list((real_slides_dir() / "dicom-cmu-1").glob("*.dcm"))
    assert files
    for path in files:
        with pytest.raises(Unsupported, match="DICOM"):
            parse(BytesReader(path.read_bytes()))


@pytest.mark.parametrize(("name", "most"), [("CMU-1-Small-Region.svs", 4), ("tcga-cr-7395-01a-01-ts1.svs", 4),
                                            ("CMU-1-small.tiff", 1), ("OS-1-detail.ome.tif", 1), ("be_cog.tiff", 1)])  # fmt: skip
def test_few_reads(name: str, most: int) -> None:
    reader = Counting(real_slide(name).read_bytes())
    parse(reader)
    assert len(reader.reads) <= most
    assert sum(length for _, length in reader.reads) < 512 << 10


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_truncated_uploads_are_told(name: str, part: float) -> None:
    data = real_slide(name).read_bytes()
    try:
        slide = parse(BytesReader(data[: int(len(data) * part)]))
    except (Broken, Unsupported) as error:
        assert error.reason  # noqa: PT017 - a file that ends in what nobody needs is sound
    else:
        assert part > 0.9
        ends = [table.range_at(i).end for table in slide.tables for i in range(len(table))]
        assert max(ends) <= len(data) * part


def test_every_file_of_the_folder_is_known_here() -> None:
    def is_slide(path: Path) -> bool:
        return path.suffix in (".svs", ".tif", ".tiff")

    names = {path.name for path in real_slides_dir().iterdir() if is_slide(path)}
    assert names <= set(SERVED), "a new real slide: say what is expected of it"
