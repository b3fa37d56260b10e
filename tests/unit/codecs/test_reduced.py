"""Tiles decoded small: the same picture as decoded whole and averaged, never moved, never unbounded."""

from __future__ import annotations

import io
import struct
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.codecs.streams import Pixels, difference, encoded, field, stripped
from wsi_streamer.codecs.decode import decode
from wsi_streamer.codecs.jpeg2000_reduced import MOST, decode_reduced_jpeg2000, reduce
from wsi_streamer.codecs.jpeg_reduced import decode_reduced_jpeg
from wsi_streamer.codecs.reduced import decode_reduced
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.recipe import Recipe

YCBCR, RGB = Recipe("jpeg", "ycbcr", 3), Recipe("jpeg", "rgb", 3, mark_rgb=True)
J2K, J2K_YCBCR = Recipe("jpeg2k", "rgb", 3), Recipe("jpeg2k", "ycbcr", 3)


def tissue(height: int, width: int) -> Pixels:
    """Spots of some pixels and grain, as a stained section has them: lighter and darker rather than of all colours."""
    rng = np.random.default_rng(height * width)
    shape = height // 6, width // 6
    spots = (
        (rng.normal((160, 110, 150), 12, (*shape, 3)) + rng.normal(0, 40, (*shape, 1))).clip(0, 255).astype(np.uint8)
    )
    large = np.asarray(Image.fromarray(spots).resize((width, height), Image.Resampling.BICUBIC))
    return (large + rng.normal(0, 4, (height, width, 1))).clip(0, 255).astype(np.uint8)


def j2k(pixels: Pixels, **options: Any) -> bytes:
    """A codestream by Pillow: one layer, by layers and resolutions, six resolutions unless told."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG2000", **{"no_jp2": True, "irreversible": True, "mct": 1} | options)
    return out.getvalue()


def averaged(recipe: Recipe, stored: bytes, width: int, height: int, halvings: int) -> Pixels:
    return shrink(decode(recipe, [stored], width, height), width >> halvings, height >> halvings)


@pytest.mark.parametrize("halvings", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(64, 64), (240, 240), (512, 256)])
@pytest.mark.parametrize("subsampling", ["444", "422", "440", "420"])
def test_jpeg(subsampling: str, size: tuple[int, int], halvings: int) -> None:
    width, height = size
    stored = encoded(tissue(height, width), rgb=False, subsampling=subsampling)
    uneven = subsampling in ("422", "440")
    small = decode_reduced_jpeg(YCBCR, stored, width, height, halvings)
    by_codec = min(halvings - uneven, 3)
    assert (width if small is None else small.shape[1]) == width >> by_codec
    shown = decode_reduced(YCBCR, [stored], width, height, halvings)
    assert difference(shown, averaged(YCBCR, stored, width, height, halvings)) < 1.5


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_aperios_jpeg_keeps_its_colours(halvings: int) -> None:
    tables, tile = stripped(encoded(tissue(240, 240), rgb=True))
    recipe = Recipe("jpeg", "rgb", 3, tables=tables, mark_rgb=True)
    assert decode_reduced_jpeg(recipe, tile, 240, 240, halvings) is not None
    shown = decode_reduced(recipe, [tile], 240, 240, halvings)
    assert difference(shown, averaged(recipe, tile, 240, 240, halvings)) < 1
    without_end = decode_reduced(recipe, [tile[:-2]], 240, 240, halvings)
    assert np.array_equal(shown, without_end)


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2k"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_grey(codec: Any, photometric: Any) -> None:
    grey = np.ascontiguousarray(tissue(64, 64)[..., 0])
    stored = bytes(imagecodecs.jpeg8_encode(grey, level=95)) if codec == "jpeg" else j2k(grey, mct=0)
    recipe = Recipe(codec, photometric, 1)
    assert difference(decode_reduced(recipe, [stored], 64, 64, 2), averaged(recipe, stored, 64, 64, 2)) < 1.5


@pytest.mark.parametrize("halvings", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(64, 64), (240, 240), (512, 256)])
@pytest.mark.parametrize("irreversible", [True, False])
@pytest.mark.parametrize("progression", ["LRCP", "RLCP", "RPCL"])
def test_jpeg2000(progression: str, irreversible: bool, size: tuple[int, int], halvings: int) -> None:
    width, height = size
    stored = j2k(tissue(height, width), progression=progression, irreversible=irreversible)
    assert reduce(stored, width, height, 1) is not None
    shown = decode_reduced(J2K, [stored], width, height, halvings)
    expected = averaged(J2K, stored, width, height, halvings)
    assert difference(shown, expected) < 2
    assert halvings > 1 or np.array_equal(shown, expected), "what averaging won't smooth is decoded whole"
    half = shown.shape[1] // 2, shown.shape[0] // 2
    to_go_on = shrink(decode_reduced(J2K, [stored], width, height, halvings, goes_on=True), *half)
    assert difference(to_go_on, shrink(expected, *half)) < 2


def test_jpeg2000_of_luma_and_chroma() -> None:
    stored = j2k(np.asarray(Image.fromarray(tissue(64, 64)).convert("YCbCr")), mct=0)
    assert reduce(stored, 64, 64, 1) is not None
    assert difference(decode_reduced(J2K_YCBCR, [stored], 64, 64, 2), averaged(J2K_YCBCR, stored, 64, 64, 2)) < 1.5


@pytest.mark.parametrize("halvings", [1, 2])
@pytest.mark.parametrize(
    "options", [{}, {"irreversible": False}, {"precinct_size": (128, 128)}, {"num_resolutions": 3}]
)
def test_the_shorter_codestream_is_openjpegs_own_reduction(options: dict[str, Any], halvings: int) -> None:
    stored = j2k(tissue(256, 256), **options)
    reduced = reduce(stored, 256, 256, halvings)
    assert reduced is not None
    with Image.open(io.BytesIO(stored)) as image:
        image.reduce = halvings  # type: ignore[method-assign, assignment]
        oracle = np.asarray(image)
    assert np.array_equal(imagecodecs.jpeg2k_decode(reduced.stream), oracle)


@pytest.mark.parametrize("halvings", [1, 2, 3, 4])
@pytest.mark.parametrize("codec", ["jpeg", "9/7", "5/3"])
def test_nothing_moves(codec: str, halvings: int) -> None:
    """On a slope each thousandth of a pixel shows; a transform's own samples would be off by up to 3/8 of one."""
    slope = np.add.outer(np.arange(128), np.arange(128)).astype(np.uint8)[..., None].repeat(3, 2)
    if codec == "jpeg":
        recipe, stored = YCBCR, encoded(slope, rgb=False)
    else:
        recipe, stored = J2K, j2k(slope, irreversible=codec == "9/7")
    shown = decode_reduced(recipe, [stored], 128, 128, halvings, goes_on=True)
    off = shown.astype(float) - averaged(recipe, stored, 128, 128, halvings)
    assert abs(off[1:-1, 1:-1].mean()) < 0.05 * 2**halvings


def jp2(pixels: Pixels) -> bytes:
    return j2k(pixels, no_jp2=False)


WHOLE_ONLY = {
    "JP2 file": jp2(tissue(64, 64)),
    "by position": j2k(tissue(64, 64), progression="PCRL"),
    "by component": j2k(tissue(64, 64), progression="CPRL"),
    "in layers": j2k(tissue(64, 64), quality_layers=[40, 20], quality_mode="rates"),
    "in tiles": j2k(tissue(64, 64), tile_size=(32, 32)),
    "one resolution": j2k(tissue(64, 64), num_resolutions=1),
    "larger": j2k(tissue(72, 64)),
}


@pytest.mark.parametrize("stored", WHOLE_ONLY.values(), ids=WHOLE_ONLY.keys())
def test_what_can_not_be_reduced_is_decoded_whole(stored: bytes) -> None:
    assert reduce(stored, 64, 64, 1) is None
    shown = decode_reduced(J2K, [stored], 64, 64, 2)
    assert np.array_equal(shown, averaged(J2K, stored, 64, 64, 2))


def test_sides_that_are_no_multiple_are_decoded_whole() -> None:
    assert reduce(j2k(tissue(66, 66)), 66, 66, 2) is None
    assert reduce(j2k(tissue(66, 66)), 66, 66, 1) is not None
    assert reduce(j2k(tissue(64, 64)), 64, 64, MOST + 1) is None


def test_jpeg_of_another_size_is_decoded_whole() -> None:
    stored = encoded(tissue(72, 64), rgb=False)
    assert decode_reduced_jpeg(YCBCR, stored, 64, 64, 1) is None
    assert np.array_equal(decode_reduced(YCBCR, [stored], 64, 64, 1), averaged(YCBCR, stored, 64, 64, 1))


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("jpeg", "rgb", 4, alpha="unassociated"),
        Recipe("jpeg", "palette", 1, palette=bytes(range(256)) * 3),
        Recipe("jpeg", "ycbcr", 3, planar=True),
    ],
)
def test_samples_whose_average_is_no_colour_are_decoded_whole(recipe: Recipe) -> None:
    pixels = np.dstack([tissue(64, 64), np.linspace(0, 255, 4096).reshape(64, 64).astype(np.uint8)])
    if recipe.samples == 4:
        ranges = [bytes(imagecodecs.jpeg8_encode(pixels, level=95, colorspace=0, outcolorspace=0))]
    else:
        ranges = [bytes(imagecodecs.jpeg8_encode(np.ascontiguousarray(pixels[..., i]), level=95)) for i in range(3)]
    shown = decode_reduced(recipe, ranges, 64, 64, 1)
    assert np.array_equal(shown, shrink(decode(recipe, ranges, 64, 64), 32, 32))


def huge(codec: str) -> bytes:
    if codec == "jpeg":
        stream = bytearray(encoded(field(), rgb=False))
        at = stream.index(b"\xff\xc0") + 5
        stream[at : at + 4] = struct.pack(">HH", 64_000, 64_000)
    else:
        stream = bytearray(j2k(field()))
        struct.pack_into(">2I", stream, 8, 1 << 30, 1 << 30)
        struct.pack_into(">2I", stream, 24, 1 << 30, 1 << 30)
    return bytes(stream)


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2k"])
def test_a_picture_larger_than_the_tile_is_refused_before_it_is_decoded(codec: Any) -> None:
    recipe = Recipe(codec, "rgb", 3)
    with pytest.raises(DecodeError, match="not of the tile's size"):
        decode_reduced(recipe, [huge(codec)], 64, 64, 1)
    if codec == "jpeg":
        assert decode_reduced_jpeg(recipe, huge(codec), 64, 64, 1) is None
    else:
        assert decode_reduced_jpeg2000(huge(codec), 64, 64, 1, ycbcr=False) is None


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2k"])
@pytest.mark.parametrize("stored", [b"", b"\xaa\x55garbage", b"\xff\xd8\xff\xd9", b"\xff\x4f\xff\x51"])
def test_garbage_is_a_decode_error(codec: Any, stored: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_reduced(Recipe(codec, "rgb", 3), [stored], 64, 64, 1)


STREAMS = {"jpeg": encoded(field(), rgb=False), "jpeg2k": j2k(field())}


@pytest.mark.parametrize("codec", STREAMS)
@settings(max_examples=150, deadline=None)
@given(noise=st.binary(min_size=1, max_size=4), at=st.integers(2, 200), replaced=st.integers(0, 4))
def test_damage_never_surprises(codec: Any, noise: bytes, at: int, replaced: int) -> None:
    stored = STREAMS[codec]
    damaged = stored[:at] + noise + stored[at + replaced :]
    try:
        shown = decode_reduced(Recipe(codec, "rgb", 3), [damaged], 64, 64, 1)
    except DecodeError:
        return
    assert shown.shape == (32, 32, 3)
