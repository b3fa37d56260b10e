"""Files that lie: each is refused with a reason, quickly and without much memory."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.tiffs import LONG, LONG8, SHORT, RawTiff, number, picture, plain, written
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader


def refusal(data: bytes, kind: type[Broken | Unsupported] = Broken) -> str:
    with pytest.raises(kind) as caught:
        parse(BytesReader(data))
    return caught.value.reason


def test_the_sound_file_that_the_others_are_damaged_from() -> None:
    for byteorder, big in (("<", False), (">", False), ("<", True), (">", True)):
        extra = [(258, SHORT, 3, struct.pack(byteorder + "HHH", 8, 8, 8))]
        slide = parse(BytesReader(plain(extra=extra, byteorder=byteorder, big=big)))
        assert (slide.levels[0].width, slide.levels[0].entries) == (64, 4)


def test_loop_of_directories() -> None:
    tiff = RawTiff(loop_to=0)
    for _ in range(2):
        tiff.image(32, 32, 32, [tiff.data(bytes(3072))], [3072])
    assert "loops" in refusal(tiff.bytes())


def test_subifd_that_is_its_own_parent() -> None:
    tiff = RawTiff()
    tiff.image(32, 32, 32, [tiff.data(bytes(3072))], [3072], [(330, LONG, 1, 3088)])
    assert len(tiff.body) == 3088
    data = bytearray(tiff.bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    at = data.find(struct.pack("<HHII", 330, LONG, 1, 3088))
    struct.pack_into("<I", data, at + 8, first)
    assert "loops" in refusal(bytes(data))


@pytest.mark.parametrize("count", [2**63, 2**64 - 1, 2**40])
@pytest.mark.parametrize("code", [258, 270, 324, 325, 330, 347])
def test_counts_beyond_everything(code: int, count: int) -> None:
    data = plain(extra=[(code, LONG8, count, 16)], big=True)
    if code in (270, 347):  # a description is not needed, and uncompressed tiles have no tables
        assert parse(BytesReader(data)).levels[0].width == 64
    else:
        assert "Image 1" in refusal(data)


def test_sixty_six_thousand_pixels_in_three_hundred_bytes() -> None:
    tiff = RawTiff()
    tiff.image(66_000, 66_000, 256, [16], [200])
    data = tiff.bytes()
    assert len(data) < 300
    assert "need 66564 tiles, but its table has 1" in refusal(data)


def test_one_enormous_tile() -> None:
    tiff = RawTiff()
    tiff.image(66_000, 66_000, 66_000, [16], [200])
    assert "66000 x 66000" in refusal(tiff.bytes(), Unsupported)


def test_tiles_that_decode_to_too_much() -> None:
    tiff = RawTiff()
    tiff.image(8192, 8192, 8192, [16], [200])
    assert "64 MB" in refusal(tiff.bytes(), Unsupported)


@pytest.mark.parametrize(("width", "height", "tile"), [(0, 64, 32), (64, 0, 32), (64, 64, 0), (2**32 - 1, 64, 32)])
def test_sizes_of_nothing(width: int, height: int, tile: int) -> None:
    tiff = RawTiff()
    tiff.image(width, height, tile, [16], [3072])
    assert "x" in refusal(tiff.bytes())


def test_tiles_beyond_the_end_are_counted() -> None:
    data = plain(128, 128)
    whole = parse(BytesReader(data))
    # The tiles stand in front of the directory here, so a truncated file is one whose table points past its end.
    tiff = RawTiff()
    at = [tiff.data(bytes(3072)) for _ in range(4)]
    tiff.image(64, 64, 32, [*at[:2], 10**6, 2**32 - 1], [3072] * 4)
    assert "2 of 4 tiles lie beyond the end" in refusal(tiff.bytes())
    assert whole.levels[0].entries == 16


def test_tile_that_begins_in_the_file_and_ends_outside() -> None:
    tiff = RawTiff()
    tiff.image(32, 32, 32, [16], [10**7])
    assert "beyond the end" in refusal(tiff.bytes())


def test_offsets_near_two_to_the_sixty_four_do_not_wrap() -> None:
    tiff = RawTiff(big=True)
    tiff.image(32, 32, 32, [2**64 - 100], [3072])
    assert "beyond the end" in refusal(tiff.bytes())


def test_counts_of_more_than_thirty_two_bits() -> None:
    tiff = RawTiff(big=True)
    tiff.image(32, 32, 32, [16], [0], [(325, LONG8, 1, struct.pack("<Q", 2**40))])
    assert "64 MB" in refusal(tiff.bytes())


def test_next_directory_beyond_the_end() -> None:
    tiff = RawTiff(next_offset=10**6)
    tiff.image(32, 32, 32, [tiff.data(bytes(3072))], [3072])
    assert "truncated" in refusal(tiff.bytes())


def test_offset_zero_with_bytes() -> None:
    tiff = RawTiff()
    tiff.image(32, 32, 32, [0], [3072])
    refusal(tiff.bytes())


def test_uncompressed_tiles_that_are_too_short() -> None:
    tiff = RawTiff()
    tiff.image(32, 32, 32, [tiff.data(bytes(3072))], [3071])
    assert "3072 bytes" in refusal(tiff.bytes())


def test_no_tile_at_all() -> None:
    tiff = RawTiff()
    tiff.image(64, 64, 32, [0] * 4, [0] * 4)
    assert "never finished" in refusal(tiff.bytes())


def test_no_directory() -> None:
    assert "never finished" in refusal(b"II\x2a\x00" + bytes(12))


@pytest.mark.parametrize("data", [b"II\x2a\x00", b"MM\x00\x2b", b"II\x2b\x00\x08\x00\x00\x00" + b"\xff" * 8,
                                  b"II\x2a\x00\xff\xff\xff\xff", b"II\x2b\x00\x04\x00\x00\x00" + bytes(8)])  # fmt: skip
def test_headers_that_lead_nowhere(data: bytes) -> None:
    refusal(data)


def test_more_directories_than_any_slide_has() -> None:
    tiff = RawTiff()
    at = tiff.data(bytes(3072))
    for _ in range(600):
        tiff.image(32, 32, 32, [at], [3072])
    assert "512 images" in refusal(tiff.bytes(), Unsupported)


def test_entities_in_ome_xml() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><OME xmlns="http://www.openmicroscopy.org/x">&a;</OME>'
    )
    data = written([picture(64, 64)], photometric="rgb", description=bomb)
    assert "entities" in refusal(data)


def test_memory_stays_small_whatever_a_table_claims() -> None:
    tiff = RawTiff(big=True)
    tiff.image(2**30, 2**30, 4096, [16], [16], [(324, LONG8, 2**36, 16), (325, LONG8, 2**36, 16)])
    data = tiff.bytes()
    tracemalloc.start()
    with pytest.raises((Broken, Unsupported)):
        parse(BytesReader(data))
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


SOUND = [
    plain(extra=[number(274, 1)]),
    plain(big=True),
    written([picture(100, 80), picture(50, 40)], subifds=True, photometric="rgb", compression="jpeg"),
    written([picture(100, 80)], photometric="rgb", compression="jpeg2000", byteorder=">"),
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SOUND), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=6),
       st.floats(0, 1))  # fmt: skip
def test_damage_is_told_and_never_crashes(sound: bytes, damage: list[tuple[float, bytes]], cut: float) -> None:
    data = bytearray(sound)
    for where, garbage in damage:
        at = int(where * (len(data) - len(garbage)))
        data[at : at + len(garbage)] = garbage
    if cut > 0.7:
        data = data[: int(len(data) * cut)]
    try:
        slide = parse(BytesReader(bytes(data)))
    except (Broken, Unsupported) as error:
        assert error.reason  # noqa: PT017 - the file may also be sound still
    else:
        for level, table in zip(slide.levels, slide.tables, strict=True):
            assert len(table) == level.entries
            assert all(table.range_at(i).end <= len(data) for i in range(len(table)))
