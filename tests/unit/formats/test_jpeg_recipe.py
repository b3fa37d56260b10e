"""Which JPEG tiles pass through, and which are told to be RGB: the stream's own markers beat the tags."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from tests.support.tiffs import UNDEFINED, RawTiff, number, picture, plain
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.jpeg_header import NotJpeg, clean_tables, read_jpeg_header
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.slides.recipe import Recipe

RGB, YCBCR, GREY = 2, 6, 1
APP14 = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"


def stream(*, jfif: bool = False, adobe: int | None = None, ids: bytes = b"\0\1\2", sampling: int = 0x11, sof: int = 0xC0,
           precision: int = 8, size: tuple[int, int] = (32, 32), exif: int = 0) -> bytes:  # fmt: skip
    """A JPEG of headers only, which is all that the parser reads."""
    out = b"\xff\xd8"
    if jfif:
        out += b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    if adobe is not None:
        out += APP14 + bytes([adobe])
    if exif:
        out += b"\xff\xe1" + struct.pack(">H", exif + 2) + bytes(exif)
    frame = struct.pack(">BHHB", precision, size[1], size[0], len(ids))
    frame += b"".join(bytes([c, sampling if i == 0 else 0x11, min(i, 1)]) for i, c in enumerate(ids))
    out += bytes([0xFF, sof]) + struct.pack(">H", len(frame) + 2) + frame
    scan = bytes([len(ids)]) + b"".join(bytes([c, 0]) for c in ids) + b"\0\x3f\0"
    return out + b"\xff\xda" + struct.pack(">H", len(scan) + 2) + scan + bytes(40) + b"\xff\xd9"


def recipe(tile: bytes, photometric: int = RGB, samples: int = 3, tables: bytes = b"") -> Recipe:
    tiff = RawTiff()
    at = [tiff.data(tile) for _ in range(4)]
    extra = [number(259, 7), number(262, photometric), number(277, samples)]
    if tables:
        extra.append((347, UNDEFINED, len(tables), tables))
    tiff.image(64, 64, 32, at, [len(tile)] * 4, extra)
    return parse(BytesReader(tiff.bytes())).levels[0].recipe


@pytest.mark.parametrize(
    ("tile", "photometric", "marks"),
    [
        (stream(), RGB, True),  # Aperio
        (stream(ids=b"\1\2\3"), RGB, True),
        (stream(), YCBCR, False),
        (stream(ids=b"RGB"), RGB, True),
        (stream(ids=b"RGB"), YCBCR, True),  # libjpeg reads such ids as RGB, whatever the tag says
        (stream(jfif=True), RGB, False),  # QuPath's OME-TIFF
        (stream(jfif=True, sampling=0x22), RGB, False),
        (stream(sampling=0x22), RGB, False),  # subsampled can't be RGB
        (stream(adobe=0), RGB, False),
        (stream(adobe=1), RGB, False),
        (stream(adobe=0), YCBCR, False),
    ],
)
def test_mark_rgb(tile: bytes, photometric: int, marks: bool) -> None:
    found = recipe(tile, photometric)
    assert (found.passthrough, found.mark_rgb, found.photometric) == (True, marks, "rgb")


def test_tables_may_hold_the_adobe_marker() -> None:
    found = recipe(stream(), tables=b"\xff\xd8" + APP14 + b"\x00" + b"\xff\xd9")
    assert (found.mark_rgb, found.tables) == (False, APP14 + b"\x00")


@pytest.mark.parametrize(("sof", "passes"), [(0xC0, True), (0xC1, True), (0xC2, True), (0xC9, False), (0xCA, False)])
def test_what_browsers_show(sof: int, passes: bool) -> None:
    assert recipe(stream(sof=sof)).passthrough is passes


def test_lossless_and_twelve_bits_are_refused() -> None:
    for tile, word in ((stream(sof=0xC3), "lossless"), (stream(precision=12, sof=0xC1), "12 bits")):
        with pytest.raises(Unsupported, match=word):
            recipe(tile)


def test_grey() -> None:
    found = recipe(stream(ids=b"\1"), GREY, 1)
    assert (found.passthrough, found.mark_rgb, found.samples, found.photometric) == (True, False, 1, "minisblack")


def test_colour_streams_under_a_grey_tag_are_ycbcr() -> None:
    found = recipe(stream(ids=b"\1\2\3"), GREY, 1)
    assert (found.samples, found.photometric, found.mark_rgb) == (3, "rgb", False)


def test_tiles_smaller_than_the_tile_size_are_decoded() -> None:
    assert not recipe(stream(size=(20, 32))).passthrough


def test_tiles_larger_than_the_tile_size_are_damage() -> None:
    with pytest.raises(Broken, match="JPEG of 65535"):
        recipe(stream(size=(65535, 65535)))


def test_headers_behind_a_long_exif_segment_are_found() -> None:
    assert recipe(stream(exif=60_000)).mark_rgb


def test_tiles_that_are_no_jpeg() -> None:
    with pytest.raises(Broken, match="something else"):
        recipe(b"\x89PNG" + bytes(500))


def test_one_scrambled_tile_harms_nothing() -> None:
    tiff = RawTiff()
    at = [tiff.data(tile) for tile in (b"scrambled!" * 20, stream(), stream(), b"scrambled!" * 20)]
    tiff.image(64, 64, 32, at, [200, len(stream()), len(stream()), 200], [number(259, 7)])
    assert parse(BytesReader(tiff.bytes())).levels[0].recipe.mark_rgb


def test_level_whose_tiles_are_all_sparse() -> None:
    tiff = RawTiff()
    tiff.image(64, 64, 32, [tiff.data(stream())] * 4, [len(stream())] * 4, [number(259, 7)])
    tiff.image(32, 32, 32, [0], [0], [number(259, 7), number(254, 1)])
    slide = parse(BytesReader(tiff.bytes()))
    assert [level.recipe.codec for level in slide.levels] == ["jpeg", "jpeg"]
    assert slide.tables[1].range_at(0).length == 0


def real_tables() -> tuple[bytes, bytes]:
    """Quantization and Huffman tables of a real JPEG, and the stream that they are from."""
    file = io.BytesIO()
    Image.fromarray(picture(32, 32)).save(file, "JPEG", quality=80)
    data = file.getvalue()
    kept, at = b"", 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        kept += data[at:end] if data[at + 1] in (0xDB, 0xC4) else b""
        at = end
    return kept, data


def test_tables_in_every_form_seen() -> None:
    kept, _ = real_tables()
    soi, eoi = b"\xff\xd8", b"\xff\xd9"
    for form in (soi + kept + eoi, kept + eoi, soi + kept, soi + kept + eoi + eoi, soi + kept + eoi + b"\0\0garbage",
                 soi + kept + kept + eoi, soi + b"\xff\xff" + kept + eoi, soi + kept + eoi + soi + kept + eoi):  # fmt: skip
        assert clean_tables(form) == kept
    assert clean_tables(soi + eoi) == b""
    assert clean_tables(b"") == b""


def test_quantization_tables_alone_and_with_jfif() -> None:
    kept, data = real_tables()
    jfif = data[2:20]
    assert jfif[:2] == b"\xff\xe0"
    assert clean_tables(b"\xff\xd8" + jfif + kept + b"\xff\xd9") == kept


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xdb\x00\x00",
                                  b"\xff\xd8\xff\xda\x00\x02", b"\xff\xd8\xff\xc0\x00\x05\x08\x00\x00",
                                  b"\xff\xd8" + bytes(9000) + b"\xff\xda"])  # fmt: skip
def test_garbage_is_no_header(data: bytes) -> None:
    with pytest.raises(NotJpeg):
        read_jpeg_header(data)


def test_plain_tiles_need_no_stream() -> None:
    assert parse(BytesReader(plain())).levels[0].recipe == Recipe("none", "rgb", 3)
