"""JPEG 2000 tiles: Aperio's two numbers, and what the codestream says of itself."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from tests.support.tiffs import RawTiff, number, picture
from wsi_streamer.codecs.decode import decode
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.jpeg2k_header import NotJpeg2000, read_jpeg2k_header
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.slides.recipe import Recipe

PIXELS = picture(64, 64)
YCBCR = np.asarray(Image.fromarray(PIXELS).convert("YCbCr"))


def encoded(pixels: np.ndarray, *, mct: bool, boxed: bool = False) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="jp2" if boxed else "j2k", mct=mct, reversible=True))


def recipe(tile: bytes, compression: int, photometric: int = 2) -> Recipe:
    tiff = RawTiff()
    extra = [number(259, compression), number(262, photometric)]
    tiff.image(64, 64, 64, [tiff.data(tile)], [len(tile)], extra)
    return parse(BytesReader(tiff.bytes())).levels[0].recipe


@pytest.mark.parametrize(
    ("pixels", "mct", "boxed", "compression", "photometric", "means"),
    [
        (PIXELS, True, False, 33005, 2, "rgb"),
        (PIXELS, False, False, 33005, 2, "rgb"),
        (PIXELS, True, False, 33005, 6, "rgb"),
        (YCBCR, False, False, 33003, 2, "ycbcr"),
        (YCBCR, False, False, 33003, 6, "ycbcr"),
        (PIXELS, True, False, 33003, 6, "rgb"),
        (PIXELS, True, True, 34712, 2, "rgb"),
        (PIXELS, True, False, 34712, 6, "rgb"),
        (YCBCR, False, False, 34712, 6, "ycbcr"),
    ],
)
def test_meaning_of_the_components(
    pixels: np.ndarray, mct: bool, boxed: bool, compression: int, photometric: int, means: str
) -> None:
    tile = encoded(pixels, mct=mct, boxed=boxed)
    found = recipe(tile, compression, photometric)
    assert (found.codec, found.photometric, found.passthrough) == ("jpeg2k", means, False)
    assert np.abs(decode(found, [tile], 64, 64).astype(int) - PIXELS).mean() < 1.5


def test_header() -> None:
    header = read_jpeg2k_header(encoded(PIXELS, mct=True, boxed=True)[:2048])
    assert (header.width, header.height, header.bits) == (64, 64, (8, 8, 8))
    assert (header.transform, header.boxed, header.subsampling) == (True, True, ((1, 1),) * 3)


@pytest.mark.parametrize("data", [b"", b"\xff\x4f\xff\x51", encoded(PIXELS, mct=True)[:30], bytes(100)])
def test_garbage_is_no_header(data: bytes) -> None:
    with pytest.raises(NotJpeg2000):
        read_jpeg2k_header(data)


def test_tiles_that_are_something_else() -> None:
    with pytest.raises(Broken, match="something else"):
        recipe(b"\xff\xd8\xff" + bytes(200), 33005)


def test_more_bits_and_components_than_the_tags_say() -> None:
    with pytest.raises(Unsupported, match="16 bits"):
        recipe(encoded(PIXELS.astype(np.uint16) * 200, mct=True), 33005)
    with pytest.raises(Unsupported, match="of 1"):
        recipe(encoded(PIXELS[..., 0], mct=False), 33005)
