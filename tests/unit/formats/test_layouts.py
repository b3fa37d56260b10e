"""Every compression, layout, byte order and offset size: the parser's ranges and recipes give tifffile's pixels."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.support.assembled import three_samples, whole_level
from tests.support.tiffs import SHORT, RawTiff, number, picture, written
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader

CODECS = {
    "none": ("none", {}),
    "lzw": ("lzw", {}),
    "lzw-predictor": ("lzw", {"predictor": 2}),
    "deflate": ("deflate", {}),
    "deflate-predictor": ("deflate", {"predictor": 2}),
    "zstd": ("zstd", {}),
    "packbits": ("packbits", {}),
    "lzma": ("lzma", {}),
    "webp": ("webp", {"compressionargs": {"level": 100, "lossless": True}}),
    "jpegxl": ("jpegxl", {"compressionargs": {"lossless": True}}),
    "jpegxr": ("jpegxr", {"compressionargs": {"level": 1.0}}),
    "png": ("png", {}),
    "lerc": ("lerc", {}),
    "jpeg2000": ("jpeg2000", {"compressionargs": {"reversible": True}}),
    "jpeg": ("jpeg", {"compressionargs": {"level": 95}}),
}


@pytest.mark.parametrize(
    ("name", "samples"), [(name, samples) for name in CODECS for samples in (1, 3) if (name, samples) != ("webp", 1)]
)
@pytest.mark.parametrize(("byteorder", "big"), [("<", False), (">", False), ("<", True), (">", True)])
def test_pixels_of_every_compression(name: str, samples: int, byteorder: str, big: bool) -> None:
    compression, options = CODECS[name][0], copy.deepcopy(CODECS[name][1])  # tifffile adds to what it is given
    levels = [picture(200, 150, samples), picture(100, 75, samples)]
    photometric = "minisblack" if samples == 1 else "rgb"
    data = written(levels, compression=compression, byteorder=byteorder, big=big, photometric=photometric, **options)
    slide = parse(BytesReader(data))
    assert slide.format == "Generic Pyramidal TIFF"
    assert [(level.width, level.height) for level in slide.levels] == [(200, 150), (100, 75)]
    with tifffile.TiffFile(io.BytesIO(data)) as oracle:
        for index, page in enumerate(oracle.pages):
            difference = np.abs(whole_level(data, slide, index).astype(int) - three_samples(page.asarray()).astype(int))
            assert difference.mean() < (1 if compression in ("jpeg", "jpegxr") else 1e-9)
            assert slide.levels[index].recipe.passthrough == (compression == "jpeg")


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "zstd"])
@pytest.mark.parametrize("samples", [3, 4])
def test_planar_samples_stand_together_in_the_table(compression: str, samples: int) -> None:
    pixels = picture(200, 150, samples)
    planar = np.moveaxis(pixels, -1, 0)
    extra = {"extrasamples": ["unspecified"]} if samples == 4 else {}
    data = written([planar], compression=compression, photometric="rgb", planarconfig="separate", **extra)
    slide = parse(BytesReader(data))
    assert slide.levels[0].ranges == samples
    assert len(slide.tables[0]) == slide.levels[0].entries
    np.testing.assert_array_equal(whole_level(data, slide, 0), pixels[..., :3])


@pytest.mark.parametrize("subifds", [False, True])
def test_levels_of_chain_and_subifds(subifds: bool) -> None:
    levels = [picture(400 >> i, 300 >> i) for i in range(4)]
    slide = parse(BytesReader(written(levels, subifds=subifds, photometric="rgb", compression="deflate")))
    assert [(level.width, level.height) for level in slide.levels] == [(400, 300), (200, 150), (100, 75), (50, 37)]
    assert [round(level.downsample, 2) for level in slide.levels] == [1, 2, 4, 8.05]


def test_order_of_levels_is_by_size_not_by_place() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for i in (2, 0, 1):
            writer.write(picture(400 >> i, 300 >> i), tile=(64, 64), photometric="rgb", metadata=None)
    slide = parse(BytesReader(file.getvalue()))
    assert [level.width for level in slide.levels] == [400, 200, 100]


def test_tile_size_may_differ_between_levels_and_need_not_be_a_multiple_of_16() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(picture(400, 300), tile=(128, 128), photometric="rgb", metadata=None)
        writer.write(picture(200, 150), tile=(64, 32), photometric="rgb", metadata=None, subfiletype=1)
    data = file.getvalue()
    slide = parse(BytesReader(data))
    assert [(level.tile_width, level.tile_height) for level in slide.levels] == [(128, 128), (32, 64)]
    np.testing.assert_array_equal(whole_level(data, slide, 1), picture(200, 150))


@pytest.mark.parametrize(("kind", "alpha"), [("unassalpha", "unassociated"), ("assocalpha", "associated"),
                                             ("unspecified", "none")])  # fmt: skip
def test_fourth_sample_is_what_extrasamples_says(kind: str, alpha: str) -> None:
    data = written([picture(100, 80, 4)], photometric="rgb", extrasamples=[kind], compression="lzw")
    assert parse(BytesReader(data)).levels[0].recipe.alpha == alpha


def test_palette_becomes_triplets() -> None:
    colormap = np.random.default_rng(1).integers(0, 65535, (3, 256), np.uint16)
    indices = picture(100, 80, 1)
    data = written([indices], photometric="palette", colormap=colormap, compression="zstd")
    slide = parse(BytesReader(data))
    assert slide.levels[0].recipe.photometric == "palette"
    np.testing.assert_array_equal(whole_level(data, slide, 0), (colormap >> 8).astype(np.uint8).T[indices])


def test_white_is_zero() -> None:
    data = written([picture(100, 80, 1)], photometric="miniswhite", compression="jpeg")
    recipe = parse(BytesReader(data)).levels[0].recipe
    assert (recipe.photometric, recipe.passthrough) == ("miniswhite", False)


def test_jpeg_of_four_samples_is_decoded_not_passed_through() -> None:
    stream = io.BytesIO()
    Image.fromarray(picture(32, 32, 4), "CMYK").save(stream, "JPEG")
    tiff = RawTiff()
    extra = [number(259, 7), number(277, 4), number(338, 2), (258, *tiff.numbers(8, 8, 8, 8, dtype=SHORT))]
    tiff.image(32, 32, 32, [tiff.data(stream.getvalue())], [len(stream.getvalue())], extra)
    recipe = parse(BytesReader(tiff.bytes())).levels[0].recipe
    assert (recipe.samples, recipe.passthrough, recipe.mark_rgb) == (4, False, False)


def test_subsampled_jpeg_is_ycbcr_and_passed_through() -> None:
    data = written([picture(128, 128)], photometric="rgb", compression="jpeg", subsampling=(2, 2))
    recipe = parse(BytesReader(data)).levels[0].recipe
    assert (recipe.passthrough, recipe.mark_rgb) == (True, False)
