from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.access.query import parse_query
from wsi_streamer.slides.errors import InvalidExpiryFormat, InvalidRequest, InvalidSignatureFormat, WsiError


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", {}),
        (b"quality=80", {"quality": "80"}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"&a=1&&b=2&", {"a": "1", "b": "2"}),
        (b"a", {"a": ""}),
        (b"a=", {"a": ""}),
        (b"=1", {"": "1"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=b+c%2Bd", {"a": "b c+d"}),
        (b"a=%E7%97%85", {"a": "病"}),
        ("a=病".encode(), {"a": "病"}),
        (b"a;b=1", {"a;b": "1"}),
        (b"a=%252F", {"a": "%2F"}),
    ],
)
def test_reads_as_forms_are_read(raw: bytes, expected: dict[str, str]) -> None:
    assert parse_query(raw) == expected


@pytest.mark.parametrize(
    "raw", [b"a=%", b"a=%4", b"a=%zz", b"%g1=1", b"a=%ff", b"a=\xff", b"a=%00", b"a=\0", b"a=%c0%ae"]
)
def test_refuses_what_others_would_guess_at(raw: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_query(raw)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"a=1&a=1", InvalidRequest),
        (b"a=1&%61=2", InvalidRequest),
        (b"sig=1&s%69g=2", InvalidSignatureFormat),
        (b"vt=1&vt=1", InvalidSignatureFormat),
        (b"exp=1&exp=2", InvalidExpiryFormat),
    ],
)
def test_a_parameter_given_twice_is_refused_however_it_is_written(raw: bytes, error: type[WsiError]) -> None:
    with pytest.raises(error) as caught:
        parse_query(raw)
    assert caught.value.status == 400


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        max_size=6,
    )
)
def test_reads_what_urlencode_writes(params: dict[str, str]) -> None:
    assert parse_query(urlencode(params).encode()) == params


@given(st.text(st.sampled_from("abc=&+%4150 "), max_size=30))
def test_agrees_with_the_standard_parser_or_refuses(text: str) -> None:
    try:
        params = parse_query(text.encode())
    except WsiError:
        return
    assert list(params.items()) == parse_qsl(text, keep_blank_values=True)
