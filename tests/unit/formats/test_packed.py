"""Tiles of general-purpose compressions: bit order, chroma, sizes."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pytest

from tests.support.tiffs import SHORT, RawTiff, number, picture
from wsi_streamer.codecs.decode import decode
from wsi_streamer.formats.errors import Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.slides.recipe import Recipe


def recipe(tile: bytes, *extra: tuple[int, int, int, bytes | int], size: int = 32) -> Recipe:
    tiff = RawTiff()
    tiff.image(size, size, size, [tiff.data(tile)], [len(tile)], extra)
    return parse(BytesReader(tiff.bytes())).levels[0].recipe


def test_reversed_bits() -> None:
    pixels = picture(32, 32)
    tile = bytes(imagecodecs.bitorder_encode(imagecodecs.lzw_encode(pixels.tobytes())))
    found = recipe(tile, number(259, 5), number(266, 2))
    assert found.reversed_bits
    np.testing.assert_array_equal(decode(found, [tile], 32, 32), pixels)


def subsampling(across: int, down: int) -> tuple[int, int, int, bytes]:
    return 530, SHORT, 2, struct.pack("<HH", across, down)


@pytest.mark.parametrize(("across", "down", "size"), [(1, 1, 3072), (2, 1, 2048), (2, 2, 1536)])
def test_chroma_of_plain_tiles(across: int, down: int, size: int) -> None:
    found = recipe(bytes(size), number(262, 6), subsampling(across, down))
    assert (found.photometric, found.subsampling) == ("ycbcr", (across, down))


def test_chroma_is_halved_where_no_tag_says() -> None:
    assert recipe(bytes(1536), number(262, 6)).subsampling == (2, 2)


def test_studio_range_is_refused() -> None:
    levels = (532, 5, 6, struct.pack("<12I", *(n for v in (16, 235, 128, 240, 128, 240) for n in (v, 1))))
    with pytest.raises(Unsupported, match="ranges"):
        recipe(bytes(3072), number(262, 6), subsampling(1, 1), levels)
    full = (532, 5, 6, struct.pack("<12I", *(n for v in (0, 255, 128, 255, 128, 255) for n in (v, 1))))
    assert recipe(bytes(3072), number(262, 6), subsampling(1, 1), full).photometric == "ycbcr"


def test_palette_of_eight_bit_values() -> None:
    values = struct.pack("<768H", *(i % 256 for i in range(768)))
    found = recipe(bytes(1024), number(262, 3), number(277, 1), number(258, 8), (320, SHORT, 768, values))
    assert found.palette[:6] == b"\0\0\0\1\1\1"
