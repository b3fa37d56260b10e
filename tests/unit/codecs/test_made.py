"""Pictures that are made: encoded, blank, made smaller."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.unit.codecs.streams import difference, field, segments
from wsi_streamer.codecs.blank import blank_jpeg
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.errors import EncodeError


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(("quality", "limit"), [(1, 60), (50, 4), (80, 3), (95, 1.5), (100, 1)])
def test_encoded_pixels_come_back(quality: int, limit: float) -> None:
    assert difference(np.asarray(opened(encode_jpeg(field(), quality))), field()) < limit


def test_more_quality_is_nearer() -> None:
    noisy = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    away = [difference(np.asarray(opened(encode_jpeg(noisy, q))), noisy) for q in (20, 60, 89, 90, 100)]
    assert away == sorted(away, reverse=True)


def test_a_made_tile_is_baseline_and_tells_nothing() -> None:
    for quality in (80, 95):
        data = encode_jpeg(field(), quality)
        markers = [marker for marker, _ in segments(data)]
        assert 0xC0 in markers
        assert not set(markers) & {0xE1, 0xE2, 0xED, 0xFE}, "no EXIF, ICC, IPTC or comment"


def test_a_field_of_a_larger_array_can_be_encoded() -> None:
    assert (
        difference(np.asarray(opened(encode_jpeg(field(128, 128)[16:80, 16:80], 95))), field(128, 128)[16:80, 16:80])
        < 2
    )


@pytest.mark.parametrize("shape", [(0, 8, 3), (8, 70_000, 3)])
def test_what_no_jpeg_can_hold(shape: tuple[int, ...]) -> None:
    with pytest.raises(EncodeError):
        encode_jpeg(np.zeros(shape, np.uint8), 80)


def test_blank_is_white_of_the_size_asked() -> None:
    image = opened(blank_jpeg(240, 256))
    assert image.size == (240, 256)
    assert np.asarray(image).min() == 255
    assert len(blank_jpeg(240, 256)) < 4000
    assert blank_jpeg(240, 256) is blank_jpeg(240, 256)


def test_whole_factors_are_averages() -> None:
    pixels = field(96, 128)
    expected = pixels.reshape(24, 4, 32, 4, 3).mean((1, 3))
    assert np.abs(shrink(pixels, 32, 24) - expected).max() <= 1


def test_odd_factors_keep_the_mean_and_the_place() -> None:
    pixels = field(301, 200)
    small = shrink(pixels, 67, 100)
    assert small.shape == (100, 67, 3)
    assert np.abs(small.mean((0, 1)) - pixels.mean((0, 1))).max() < 1.5
    ramp = np.repeat(np.linspace(0, 255, 301)[:, None, None], 200, 1).repeat(3, 2).astype(np.uint8)
    assert np.abs(shrink(ramp, 67, 100)[:, 0, 0] - (np.arange(100) + 0.5) / 100 * 255).max() < 2


def test_a_part_may_begin_within_a_pixel() -> None:
    ramp = np.repeat(np.arange(0, 200, dtype=np.uint8)[None, :, None], 40, 0).repeat(3, 2)
    part = shrink(ramp, 20, 20, box=(10.5, 0, 50.5, 40))
    assert abs(float(part[10, 10, 0]) - 30.5) <= 1.5
    assert shrink(ramp, 200, 40) is not None
    assert np.array_equal(shrink(ramp, 50, 40, box=(100, 0, 150, 40)), ramp[:, 100:150])
