from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.slides.errors import InvalidQuality, InvalidRequest, NotFound
from wsi_streamer.tiles.parameters import decode_ref, parse_index, parse_quality, parse_whole


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=250))
def test_any_key_survives_being_percent_encoded_once(key: str) -> None:
    assert decode_ref(quote(key, safe="").encode()) == key


def test_a_literal_percent_2f_in_a_key_is_not_a_slash() -> None:
    assert decode_ref(b"a%252Fb.svs") == "a%2Fb.svs"
    assert decode_ref(b"a%2Fb.svs") == "a/b.svs"


@pytest.mark.parametrize("segment", [b"", b"%00", b"a%", b"a%2", b"a%zz", b"%ff.svs", b"%c0%af", b"a%0"])
def test_what_no_slide_can_be_called_is_not_found(segment: bytes) -> None:
    with pytest.raises(NotFound):
        decode_ref(segment)


def test_names_are_as_long_as_keys_can_be() -> None:
    longest = "病" * 341
    assert decode_ref(quote(longest, safe="").encode()) == longest
    for segment in (b"a" * 1025, quote(longest + "病", safe="").encode(), b"a" * 60_000, b"%41" * 1025):
        with pytest.raises(NotFound):
            decode_ref(segment)


@pytest.mark.parametrize("text", [b"", b"-1", b"+1", b"1.0", b"0x1", b"1e3", b" 1", b"99999999999", "１".encode()])
def test_coordinates_are_plain_digits(text: bytes) -> None:
    assert parse_index(text) is None


def test_large_coordinates_are_numbers_all_the_same() -> None:
    assert parse_index(b"4294967295") == 4294967295


@pytest.mark.parametrize("text", ["0", "101", "-5", "80.0", "", "abc", "٣", "1000000000000"])
def test_quality_is_1_to_100(text: str) -> None:
    with pytest.raises(InvalidQuality):
        parse_quality(text)


def test_whole_numbers_may_be_negative_since_they_are_clamped() -> None:
    assert parse_whole("limit", "-3", 100) == -3
    assert parse_whole("limit", None, 100) == 100
    with pytest.raises(InvalidRequest, match="limit"):
        parse_whole("limit", "many", 100)
