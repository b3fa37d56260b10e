"""Generic TIFF: which images are levels, and what is known of them."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile

from tests.support.tiffs import RawTiff, number, picture, written
from wsi_streamer.formats.errors import Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.slides.slide import ParsedSlide


def parsed(data: bytes) -> ParsedSlide:
    return parse(BytesReader(data))


def test_masks_are_not_levels() -> None:
    tiff = RawTiff()
    at = tiff.data(bytes(3072))
    tiff.image(64, 64, 32, [at] * 4, [3072] * 4)
    tiff.image(64, 64, 32, [at] * 4, [128] * 4, [number(254, 4), number(262, 4), number(258, 1), number(277, 1)])
    tiff.image(32, 32, 32, [at], [3072], [number(254, 1)])
    tiff.image(32, 32, 32, [at], [128], [number(254, 5), number(262, 4), number(258, 1), number(277, 1)])
    assert [level.width for level in parsed(tiff.bytes()).levels] == [64, 32]


@pytest.mark.parametrize(
    ("sizes", "widths"),
    [
        ([(1000, 700), (498, 349), (249, 174)], [1000, 498, 249]),  # odd downsamples
        ([(1000, 700), (500, 500)], [1000]),  # other proportions
        ([(1000, 700), (500, 350), (500, 350)], [1000, 500]),  # twice the same
        ([(1000, 700), (990, 693)], [1000]),  # hardly smaller
        ([(1001, 667), (500, 333), (250, 166), (125, 83), (62, 41), (31, 20), (15, 10), (7, 5), (3, 2), (1, 1)],
         [1001, 500, 250, 125, 62, 31, 15, 7, 3, 1]),
    ],
)  # fmt: skip
def test_proportions_decide(sizes: list[tuple[int, int]], widths: list[int]) -> None:
    data = written([picture(*size) for size in sizes], photometric="rgb", compression="deflate")
    assert [level.width for level in parsed(data).levels] == widths


def test_downsample_is_the_mean_of_both_axes() -> None:
    slide = parsed(written([picture(1000, 700), picture(249, 174)], photometric="rgb"))
    assert slide.levels[1].downsample == pytest.approx((1000 / 249 + 700 / 174) / 2)


@pytest.mark.parametrize(
    ("resolution", "unit", "mpp"),
    [
        ((20_000, 20_000), "CENTIMETER", 0.5),
        ((50_800, 50_800), "INCH", 0.5),
        ((72, 72), "INCH", None),
        ((20_000, 20_000), "NONE", None),
        ((10**9, 10**9), "CENTIMETER", None),
    ],
)
def test_resolution_tags(resolution: tuple[int, int], unit: str, mpp: float | None) -> None:
    data = written([picture(100, 80)], photometric="rgb", resolution=resolution, resolutionunit=unit)
    assert parsed(data).mpp_x == (None if mpp is None else pytest.approx(mpp))


def test_vips_keeps_what_openslide_knew() -> None:
    xml = (
        '<?xml version="1.0"?><image xmlns="http://www.vips.ecs.soton.ac.uk//dzsave"><properties>'
        "<property><name>openslide.mpp-x</name><value type='VipsRefString'>0.2501</value></property>"
        "<property><name>openslide.mpp-y</name><value type='VipsRefString'>0.2502</value></property>"
        "<property><name>openslide.objective-power</name><value type='VipsRefString'>40</value></property>"
        "</properties></image>"
    )
    slide = parsed(written([picture(100, 80)], photometric="rgb", description=xml))
    assert (slide.mpp_x, slide.mpp_y, slide.objective) == (0.2501, 0.2502, 40)


def test_second_picture_of_the_same_size_is_left_alone() -> None:
    slide = parsed(written([picture(100, 80), picture(100, 80)], photometric="rgb"))
    assert len(slide.levels) == 1


@pytest.mark.parametrize(
    ("samples", "count", "said"),
    [(1, 2, "2 grey images"), (1, 3, "3 grey images"), (3, 3, "3 images"), (3, 5, "5 images")],
)
def test_channels_and_planes_are_not_served_as_their_first(samples: int, count: int, said: str) -> None:
    photometric = "minisblack" if samples == 1 else "rgb"
    pages = [page for _ in range(count) for page in (picture(100, 80, samples), picture(50, 40, samples))]
    for data in (
        pages_of(pages[::2], photometric),
        pages_of(sorted(pages, key=lambda page: -page.size), photometric),  # each with a lower level
    ):
        with pytest.raises(Unsupported, match=f"{said}: several channels or planes of one size"):
            parsed(data)


def pages_of(pages: list[np.ndarray], photometric: str) -> bytes:
    """Tiled pages; those smaller than the first are marked as reduced."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for page in pages:
            reduced = page.shape != pages[0].shape
            writer.write(page, tile=(32, 32), photometric=photometric, subfiletype=int(reduced), metadata=None)
    return file.getvalue()


def test_two_grey_pyramids_in_subifds_are_served_as_the_first() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for _ in range(2):
            writer.write(picture(128, 96, 1), tile=(32, 32), photometric="minisblack", subifds=1, metadata=None)
            writer.write(picture(64, 48, 1), tile=(32, 32), photometric="minisblack", subfiletype=1, metadata=None)
    assert [level.width for level in parsed(file.getvalue()).levels] == [128, 64]


def test_a_grey_mask_of_the_pictures_size_is_left_alone() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(picture(100, 80), tile=(32, 32), photometric="rgb", metadata=None)
        writer.write(picture(100, 80, 1), tile=(32, 32), photometric="minisblack", metadata=None)
        writer.write(picture(50, 40), tile=(32, 32), photometric="rgb", subfiletype=1, metadata=None)
    assert [level.width for level in parsed(file.getvalue()).levels] == [100, 50]


def test_thumbnail_in_strips_and_named_label() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(picture(400, 300), tile=(64, 64), photometric="rgb", metadata=None)
        writer.write(picture(80, 60), photometric="rgb", metadata=None)
        writer.write(picture(50, 60), photometric="rgb", metadata=None, description="label")
    slide = parsed(file.getvalue())
    assert sorted(image.name for image in slide.associated_images) == ["label", "thumbnail"]
    assert len(slide.levels) == 1


def test_icc_profile_is_noticed_and_not_read() -> None:
    profile = bytes(range(256)) * 40_000
    data = written([picture(100, 80)], photometric="rgb", iccprofile=profile)

    class Counting(BytesReader):
        total = 0

        def read(self, offset: int, length: int) -> bytes:
            Counting.total += length
            return super().read(offset, length)

    assert parse(Counting(data)).icc_profile
    assert Counting.total < 1 << 20


def test_sparse_tiles_keep_no_offset() -> None:
    tiff = RawTiff()
    at = tiff.data(bytes(3072))
    tiff.image(64, 64, 32, [at, at, 12345678, 0], [3072, 3072, 0, 0])
    table = parsed(tiff.bytes()).tables[0]
    assert [(table.range_at(i).offset, table.range_at(i).length) for i in range(4)] == [
        (at, 3072),
        (at, 3072),
        (0, 0),
        (0, 0),
    ]
