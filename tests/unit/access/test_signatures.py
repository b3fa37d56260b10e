from __future__ import annotations

import hashlib
import hmac

import pytest

from wsi_streamer.access import signatures, viewer_tokens
from wsi_streamer.access.expiry import MAX_EXPIRY, parse_expiry
from wsi_streamer.access.signatures import canonical_query, sign
from wsi_streamer.slides.errors import InvalidExpiryFormat, InvalidRequest

PATH = "/tiles/s.svs/0/0/0.jpg"


def test_known_answer_of_wsistreamer() -> None:
    expected = "4ea242948774c6c16ebb885b9887bfb9e7c3da62c23ec9a65b873facd267761c"
    assert sign(b"abc", PATH, {"quality": "80"}, 1795230667) == expected


def test_signs_path_and_sorted_query() -> None:
    expected = hmac.new(b"k", b"/slides/a%2Fb.svs?a=1&exp=9&quality=80", hashlib.sha256).hexdigest()
    assert sign(b"k", "/slides/a%2Fb.svs", {"quality": "80", "a": "1"}, 9) == expected


def test_no_value_can_pose_as_another_parameter() -> None:
    assert canonical_query({"a": "1&b=2"}) == "a=1%26b%3D2"
    assert sign(b"k", PATH, {"a": "1&b=2"}, 9) != sign(b"k", PATH, {"a": "1", "b": "2"}, 9)
    assert sign(b"k", PATH, {"a=1&b": "2"}, 9) != sign(b"k", PATH, {"a": "1", "b": "2"}, 9)


def test_unreserved_characters_stay_as_they_are() -> None:
    assert canonical_query({"name": "Az09-._~"}) == "name=Az09-._~"


@pytest.mark.parametrize("name", ["sig", "vt", "v"])
def test_some_parameters_are_not_signed(name: str) -> None:
    assert canonical_query({name: "x", "exp": "1"}) == "exp=1"


def test_a_path_that_is_not_encoded_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        sign(b"k", "/tiles/病.svs", {}, 1)


def test_viewer_token_known_answer() -> None:
    expected = hmac.new(b"k", "viewer:病理/a b.svs:99".encode(), hashlib.sha256).hexdigest()
    assert viewer_tokens.mint(b"k", "病理/a b.svs", 99) == expected


def test_hex_digits_of_either_case() -> None:
    signature = sign(b"k", PATH, {}, 9)
    signatures.check((b"k",), PATH, {"exp": "9"}, signature.upper())


@pytest.mark.parametrize("text", ["0", "1", "1795230667", str(MAX_EXPIRY)])
def test_expiry_is_read(text: str) -> None:
    assert parse_expiry(text) == int(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1_0",
        "01",
        "00",
        "1.0",
        "1e9",
        "0x1",
        "١٢",
        "²",
        str(MAX_EXPIRY + 1),
        "9" * 17,
        "9" * 5000,
    ],
)
def test_expiry_is_plain_digits(text: str) -> None:
    with pytest.raises(InvalidExpiryFormat):
        parse_expiry(text)
