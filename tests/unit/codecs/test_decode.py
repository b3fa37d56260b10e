"""Every codec and every meaning of its samples, to RGB."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from tests.unit.codecs.streams import Pixels, difference, encoded, field, stripped
from wsi_streamer.codecs.decode import decode
from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.recipe import Recipe

SIZE = 64
ALPHA = np.linspace(0, 255, SIZE * SIZE).reshape(SIZE, SIZE).astype(np.uint8)

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "lzw": lambda data: bytes(imagecodecs.lzw_encode(data)),
    "deflate": zlib.compress,
    "zstd": lambda data: bytes(imagecodecs.zstd_encode(data)),
    "packbits": lambda data: bytes(imagecodecs.packbits_encode(data)),
    "lzma": lambda data: bytes(imagecodecs.lzma_encode(data)),
}
PICTURES: dict[str, Callable[[Any], bytes]] = {
    "jpeg": lambda pixels: bytes(imagecodecs.jpeg8_encode(pixels, level=95)),
    "jpeg2k": lambda pixels: bytes(imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k")),
    "png": lambda pixels: bytes(imagecodecs.png_encode(pixels)),
    "jpegxl": lambda pixels: bytes(imagecodecs.jpegxl_encode(pixels, lossless=True, effort=1)),
    "jpegxr": lambda pixels: bytes(imagecodecs.jpegxr_encode(pixels, level=1.0)),
    "lerc": lambda pixels: bytes(imagecodecs.lerc_encode(pixels)),
}
COLOUR_PICTURES = PICTURES | {"webp": lambda pixels: bytes(imagecodecs.webp_encode(pixels, lossless=True))}


def one(recipe: Recipe, stored: bytes, width: int = SIZE, height: int = SIZE) -> Pixels:
    return decode(recipe, [stored], width, height)


def over_white(pixels: Pixels) -> Pixels:
    opacity = ALPHA[..., None] / 255
    return (pixels * opacity + 255 * (1 - opacity)).round().astype(np.uint8)


@pytest.mark.parametrize("codec", PACKED)
@pytest.mark.parametrize("predictor", [1, 2])
def test_packed_rgb(codec: Any, predictor: int) -> None:
    pixels = field()
    stored = pixels if predictor == 1 else imagecodecs.delta_encode(pixels, axis=1)
    recipe = Recipe(codec, "rgb", 3, predictor=predictor)
    assert np.array_equal(one(recipe, PACKED[codec](stored.tobytes())), pixels)


@pytest.mark.parametrize("codec", PACKED)
def test_packed_in_planes(codec: Any) -> None:
    pixels = field()
    planes = [PACKED[codec](pixels[..., i].tobytes()) for i in range(3)]
    assert np.array_equal(decode(Recipe(codec, "rgb", 3, planar=True), planes, SIZE, SIZE), pixels)


@pytest.mark.parametrize("codec", COLOUR_PICTURES)
def test_pictures_rgb(codec: Any) -> None:
    shown = one(Recipe(codec, "rgb", 3), COLOUR_PICTURES[codec](field()))
    assert difference(shown, field()) < (2 if codec == "jpeg" else 0.5)


@pytest.mark.parametrize("codec", PICTURES)
def test_pictures_grey(codec: Any) -> None:
    grey = np.ascontiguousarray(field()[..., 0])
    shown = one(Recipe(codec, "minisblack", 1), PICTURES[codec](grey))
    assert difference(shown, np.repeat(grey[..., None], 3, 2)) < 1


@pytest.mark.parametrize("codec", ["webp", "png", "jpegxl"])
def test_pictures_with_alpha(codec: Any) -> None:
    stored = COLOUR_PICTURES[codec](np.dstack([field(), ALPHA]))
    shown = one(Recipe(codec, "rgb", 4, alpha="unassociated"), stored)
    assert difference(shown, over_white(field())) < 1


def test_webp_whose_encoder_dropped_an_opaque_alpha() -> None:
    stored = bytes(imagecodecs.webp_encode(np.dstack([field(), np.full_like(ALPHA, 255)]), lossless=True))
    assert np.array_equal(one(Recipe("webp", "rgb", 4, alpha="unassociated"), stored), field())


def test_alpha_is_composed_over_white() -> None:
    plain, opacity = field(), ALPHA.astype(int)[..., None]
    unassociated = np.dstack([plain, ALPHA]).tobytes()
    associated = np.dstack([(plain * opacity // 255).astype(np.uint8), ALPHA]).tobytes()
    unknown = one(Recipe("none", "rgb", 4), unassociated)
    assert difference(one(Recipe("none", "rgb", 4, alpha="unassociated"), unassociated), over_white(plain)) < 0.6
    assert difference(one(Recipe("none", "rgb", 4, alpha="associated"), associated), over_white(plain)) < 1
    assert np.array_equal(unknown, plain), "a fourth sample that is no alpha is left out"


def test_grey_with_alpha() -> None:
    grey = field()[..., 0]
    shown = one(Recipe("none", "minisblack", 2, alpha="unassociated"), np.dstack([grey, ALPHA]).tobytes())
    assert difference(shown, over_white(np.repeat(grey[..., None], 3, 2))) < 0.6


def test_white_is_zero() -> None:
    grey = field()[..., 0]
    shown = one(Recipe("none", "miniswhite", 1), grey.tobytes())
    assert np.array_equal(shown, np.repeat(255 - grey[..., None], 3, 2))


def test_palette() -> None:
    colours = np.random.default_rng(5).integers(0, 256, (256, 3), np.uint8)
    recipe = Recipe("lzw", "palette", 1, palette=colours.tobytes())
    indices = field()[..., 0]
    assert np.array_equal(one(recipe, PACKED["lzw"](indices.tobytes())), colours[indices])


@pytest.mark.parametrize("across", [1, 2, 4])
@pytest.mark.parametrize("down", [1, 2, 4])
@pytest.mark.parametrize(("width", "height"), [(64, 64), (61, 47)])
def test_chroma_outside_codecs(across: int, down: int, width: int, height: int) -> None:
    ycbcr = np.asarray(Image.fromarray(field()).convert("YCbCr"))
    units = bytearray()
    for y in range(0, -(-height // down) * down, down):
        for x in range(0, -(-width // across) * across, across):
            block = ycbcr[y : y + down, x : x + across]
            units += block[..., 0].tobytes()
            units += bytes(int(block[..., i].mean()) for i in (1, 2))
    recipe = Recipe("deflate", "ycbcr", 3, subsampling=(across, down))
    shown = one(recipe, zlib.compress(bytes(units)), width, height)
    assert difference(shown, field()[:height, :width]) < 6 * max(across, down) ** 0.5


def test_reversed_bits() -> None:
    stored = bytes(imagecodecs.bitorder_encode(field().tobytes()))
    assert np.array_equal(one(Recipe("none", "rgb", 3, reversed_bits=True), stored), field())


def test_jpeg_with_its_tables_apart() -> None:
    tables, tile = stripped(encoded(field(), rgb=True))
    recipe = Recipe("jpeg", "rgb", 3, tables=tables, mark_rgb=True)
    assert difference(one(recipe, tile), field()) < 2


def test_jpeg_of_four_components() -> None:
    stored = bytes(imagecodecs.jpeg8_encode(np.dstack([field(), ALPHA]), level=95, colorspace=0, outcolorspace=0))
    _, tile = stripped(stored, tables=False)
    assert difference(one(Recipe("jpeg", "rgb", 4, alpha="unassociated"), tile), over_white(field())) < 3


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2k"])
def test_planes_of_luma_and_chroma_are_converted(codec: Any) -> None:
    ycbcr = np.asarray(Image.fromarray(field()).convert("YCbCr"))
    planes = [PICTURES[codec](np.ascontiguousarray(ycbcr[..., i])) for i in range(3)]
    shown = decode(Recipe(codec, "ycbcr", 3, planar=True), planes, SIZE, SIZE)
    assert difference(shown, field()) < 2


def test_a_last_strip_is_filled_up_with_white() -> None:
    shown = one(Recipe("lzw", "rgb", 3), PACKED["lzw"](field()[:20].tobytes()))
    assert np.array_equal(shown[:20], field()[:20])
    assert shown[20:].min() == 255
    shown = one(Recipe("jpeg", "rgb", 3), PICTURES["jpeg"](field()[:20]))
    assert difference(shown[:20], field()[:20]) < 2
    assert shown[20:].min() == 255


def test_a_picture_that_is_a_little_larger_is_cropped() -> None:
    assert difference(one(Recipe("jpeg", "rgb", 3), PICTURES["jpeg"](field(72, 64))), field()) < 2


def test_deflate_with_more_than_the_pixels_or_no_checksum() -> None:
    stored = zlib.compress(field().tobytes() + bytes(100))
    assert np.array_equal(one(Recipe("deflate", "rgb", 3), stored), field())
    assert np.array_equal(one(Recipe("deflate", "rgb", 3), zlib.compress(field().tobytes())[:-4]), field())


def test_lerc_compressed_once_more() -> None:
    blob = PICTURES["lerc"](field())
    for stored in (zlib.compress(blob), bytes(imagecodecs.zstd_encode(blob))):
        assert difference(one(Recipe("lerc", "rgb", 3), stored), field()) < 0.5


@pytest.mark.parametrize("codec", [*PACKED, *COLOUR_PICTURES])
@pytest.mark.parametrize("damage", ["empty", "garbage", "cut off"])
def test_damage_is_a_decode_error(codec: Any, damage: str) -> None:
    whole = PACKED[codec](field().tobytes()) if codec in PACKED else COLOUR_PICTURES[codec](field())
    stored = {"empty": b"", "garbage": b"\xaa\x55garbage", "cut off": whole[:60]}[damage]
    if codec == "none" and damage == "garbage":
        stored = stored * 3
    with pytest.raises(DecodeError):
        one(Recipe(codec, "rgb", 3), stored)


def huge(codec: str, pixels: int = 20_000) -> bytes:
    """A small stream that says it is ``pixels`` a side."""
    if codec == "jpeg":
        stream = bytearray(PICTURES["jpeg"](field()))
        at = stream.index(b"\xff\xc0") + 5
        stream[at : at + 4] = struct.pack(">HH", pixels, pixels)
        return bytes(stream)
    if codec == "jpeg2k":
        stream = bytearray(PICTURES["jpeg2k"](field()))
        stream[8:16] = struct.pack(">II", pixels, pixels)
        return bytes(stream)
    return COLOUR_PICTURES[codec](np.zeros((4000, 4000, 3), np.uint8))


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2k", "webp", "png", "lerc", "jpegxl"])
def test_a_huge_picture_in_a_tile_is_refused_by_its_header(codec: Any) -> None:
    stored = huge(codec)
    began = time.monotonic()
    with pytest.raises(DecodeError, match="size"):
        one(Recipe(codec, "rgb", 3), stored)
    assert time.monotonic() - began < 0.2


@pytest.mark.parametrize("codec", [c for c in PACKED if c != "none"])
def test_a_bomb_stops_at_the_tiles_size(codec: Any) -> None:
    # imagecodecs takes minutes to pack as many zeros.
    bomb = b"\x81\0" * 400_000 if codec == "packbits" else PACKED[codec](bytes(50_000_000))
    began = time.monotonic()
    try:
        shown = one(Recipe(codec, "rgb", 3), bomb)
        assert shown.max() == 0
    except DecodeError:
        pass
    assert time.monotonic() - began < 0.5


def test_jpeg2000_of_too_many_components_is_refused_by_its_header() -> None:
    stream = bytearray(PICTURES["jpeg2k"](field()))
    stream[40:42] = struct.pack(">H", 16384)
    with pytest.raises(DecodeError, match="16384 components"):
        one(Recipe("jpeg2k", "rgb", 3), bytes(stream))


def test_a_false_codestream_before_the_true_one_deceives_nobody() -> None:
    boxed = bytes(imagecodecs.jpeg2k_encode(field(), level=0, codecformat="jp2"))
    assert np.array_equal(one(Recipe("jpeg2k", "rgb", 3), boxed), field())
    at = boxed.index(b"jp2c") - 4
    small = PICTURES["jpeg2k"](field())[:60]
    decoy = struct.pack(">I4s", 8 + len(small), b"free") + small
    true = bytearray(boxed[at:])
    true[16:24] = struct.pack(">II", 20_000, 20_000)
    with pytest.raises(DecodeError, match="size"):
        one(Recipe("jpeg2k", "rgb", 3), boxed[:at] + decoy + bytes(true))


def test_fewer_samples_than_said() -> None:
    with pytest.raises(DecodeError, match="samples"):
        one(Recipe("jpeg", "rgb", 3), PICTURES["jpeg"](np.ascontiguousarray(field()[..., 0])))
