"""Stored JPEG tiles become streams of their own, in the right colours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.codecs.streams import ADOBE, JFIF, difference, encoded, field, segments, shown, stripped
from wsi_streamer.codecs.splice import splice
from wsi_streamer.slides.errors import DecodeError
from wsi_streamer.slides.recipe import Recipe

RGB = stripped(encoded(field(), rgb=True))
YCBCR = stripped(encoded(field(), rgb=False))


def recipe(tables: bytes = b"", *, mark_rgb: bool = False) -> Recipe:
    return Recipe("jpeg", "rgb", 3, passthrough=True, tables=tables, mark_rgb=mark_rgb)


def renamed(stream: bytes, ids: bytes) -> bytes:
    """With other component ids in its frame and scan headers."""
    changed = bytearray(stream)
    at = 2
    for marker, segment in segments(stream):
        for i in range(3):
            if marker == 0xC0:
                changed[at + 10 + 3 * i] = ids[i]
            elif marker == 0xDA:
                changed[at + 5 + 2 * i] = ids[i]
        at += len(segment)
    return bytes(changed)


@pytest.mark.parametrize("ids", [b"\0\1\2", b"\1\2\3", b"RGB"])
def test_unmarked_rgb_is_marked(ids: bytes) -> None:
    tables, tile = RGB
    marked = splice(recipe(tables, mark_rgb=True), renamed(tile, ids))
    found = dict(segments(marked))
    assert found[0xEE] == ADOBE + b"\0"
    assert bytes(found[0xC0][10 + 3 * i] for i in range(3)) == b"RGB"
    assert bytes(found[0xDA][5 + 2 * i] for i in range(3)) == b"RGB"
    assert difference(shown(recipe(tables, mark_rgb=True), renamed(tile, ids)), field()) < 2


def test_without_the_mark_the_colours_would_be_wrong() -> None:
    tables, tile = RGB
    assert difference(shown(recipe(tables), renamed(tile, b"\0\1\2")), field()) > 20


@pytest.mark.parametrize("marker", [JFIF, ADOBE + b"\1"])
def test_the_streams_own_marker_wins(marker: bytes) -> None:
    tables, tile = YCBCR
    own = tile[:2] + marker + tile[2:]
    assert ADOBE + b"\0" not in splice(recipe(tables, mark_rgb=True), own)
    assert difference(shown(recipe(tables, mark_rgb=True), own), field()) < 2


def test_an_adobe_segment_too_short_to_name_the_colours_does_not_count() -> None:
    tables, tile = RGB
    short = b"\xff\xee\x00\x09Adobe\x00\x64"
    assert difference(shown(recipe(tables, mark_rgb=True), tile[:2] + short + tile[2:]), field()) < 2


def test_a_scan_in_another_order_of_components_keeps_it() -> None:
    tile = bytearray(RGB[1])
    frame = tile.index(b"\xff\xc0")
    scan = tile.index(b"\xff\xda")
    for i, (in_frame, in_scan) in enumerate(((7, 9), (8, 7), (9, 8))):
        tile[frame + 10 + 3 * i], tile[scan + 5 + 2 * i] = in_frame, in_scan
    found = dict(segments(splice(recipe(RGB[0], mark_rgb=True), bytes(tile))))
    assert bytes(found[0xDA][5 + 2 * i] for i in range(3)) == b"BRG"


def test_exif_and_icc_are_dropped_and_comments_stay() -> None:
    tables, tile = YCBCR
    extra = b"\xff\xe1\x00\x08Exif\0\0" + b"\xff\xe2\x00\x0eICC_PROFILE\0" + b"\xff\xfe\x00\x04hi"
    joined = splice(recipe(tables), tile[:2] + JFIF + extra + tile[2:])
    assert b"Exif" not in joined
    assert b"ICC_PROFILE" not in joined
    assert b"\xff\xfe\x00\x04hi" in joined
    assert difference(np.asarray(shown(recipe(tables), tile[:2] + extra + tile[2:])), field()) < 2


def test_entropy_coded_data_is_not_touched() -> None:
    tables, tile = RGB
    data = tile[2 + sum(len(segment) for _, segment in segments(tile)) :]
    assert splice(recipe(tables, mark_rgb=True), tile).endswith(data)


def test_tables_in_the_tile_too() -> None:
    tables, _ = RGB
    _, whole = stripped(encoded(field(), rgb=True), tables=False)
    assert difference(shown(recipe(tables, mark_rgb=True), whole), field()) < 2


def test_what_needs_nothing_is_handed_on() -> None:
    _, whole = stripped(encoded(field(), rgb=False), tables=False)
    assert splice(recipe(), whole) is whole


@pytest.mark.parametrize("filling", [b"\xff", b"\xff\xff\xff", b"\0\0\0", b"junk"])
def test_fill_bytes_and_garbage_between_segments(filling: bytes) -> None:
    tables, tile = RGB
    assert difference(shown(recipe(tables, mark_rgb=True), tile[:2] + filling + tile[2:]), field()) < 2


def test_a_missing_end_of_image_harms_nobody() -> None:
    tables, tile = RGB
    assert tile.endswith(b"\xff\xd9")
    assert difference(shown(recipe(tables, mark_rgb=True), tile[:-2]), field()) < 2


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\xff\xd8",
        b"not a jpeg at all",
        RGB[1][2:],
        RGB[1][:20],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xda\x00\x0c\x03\x00\x00\x01\x11\x02\x11\x00\x3f\x00",
        b"\xff\xd8\xff\xc0\x00\x04\x08\x00\xff\xda\x00\x04\x03\x00",
        b"\xff\xd8\xff\xc0\x00\x00",
        b"\xff\xd8" + bytes(5000) + RGB[1][2:],
    ],
)
def test_garbage_is_refused(stored: bytes) -> None:
    with pytest.raises(DecodeError):
        splice(recipe(RGB[0], mark_rgb=True), stored)


@given(st.binary(max_size=200), st.integers(2, 60), st.integers(0, 20))
@example(b"\x03", 21, 1)
def test_damage_never_surprises(noise: bytes, at: int, replaced: int) -> None:
    tables, tile = RGB
    damaged = tile[:at] + noise + tile[at + replaced :]
    try:
        joined = splice(recipe(tables, mark_rgb=True), damaged)
    except DecodeError:
        return
    assert joined[:2] == b"\xff\xd8"
