"""Signer against verifier: what was signed verifies, nothing else does, and nothing but the API's errors is raised."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wsi_streamer.access.query import parse_query
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.slides.errors import InvalidSignature, WsiError

POLICY = SignedLinks((b"a secret",))
NOW = 1_000_000.0

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
names = text.filter(lambda name: name not in ("sig", "exp", "vt", "v"))
params = st.dictionaries(names, text, max_size=5)
keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
expiries = st.integers(1_000_000, 2**53)


def signed(key: str, values: dict[str, str], exp: int) -> tuple[str, str]:
    path, _, query = POLICY.sign_url(f"/slides/{quote(key, safe='')}", values, exp).partition("?")
    return path, query


def accepts(path: str, query: str) -> bool:
    try:
        return POLICY.check_url(path, parse_query(query.encode()), NOW) is not None
    except WsiError:
        return False


def either(path: str, values: dict[str, str], key: str | None) -> int:
    """As a request about a slide is checked."""
    if "vt" in values:
        return POLICY.check_viewer_token(values, key, NOW)
    return POLICY.check_url(path, values, NOW)


@given(keys, params, expiries)
def test_what_was_signed_verifies(key: str, values: dict[str, str], exp: int) -> None:
    assert accepts(*signed(key, values, exp))


@given(keys, params, params, expiries)
def test_no_other_parameters_verify(key: str, values: dict[str, str], others: dict[str, str], exp: int) -> None:
    assume(values != others)
    path, query = signed(key, values, exp)
    signature = query.rpartition("sig=")[2]
    forged = POLICY.sign_url(path, others, exp).partition("?")[2].rpartition("sig=")[0] + "sig=" + signature
    assert not accepts(path, forged)


@given(keys, params, expiries, st.data())
def test_any_flipped_character_fails_or_means_the_same(
    key: str, values: dict[str, str], exp: int, data: st.DataObject
) -> None:
    path, query = signed(key, values, exp)
    whole = f"{path}?{query}"
    at = data.draw(st.integers(1, len(whole) - 1))
    character = data.draw(st.sampled_from("0a%&=+?#é/"))
    assume(whole[at] != character)
    changed = whole[:at] + character + whole[at + 1 :]
    new_path, _, new_query = changed.partition("?")
    if accepts(new_path, new_query):
        # Another spelling of the same request (+ for %20, F for f); never another path, parameter or time.
        same = {k: v for k, v in parse_query(new_query.encode()).items() if k != "sig"}
        assert (new_path, same) == (path, values | {"exp": str(exp)})


@given(keys, keys, expiries)
def test_a_viewer_token_is_for_one_slide(key: str, other: str, exp: int) -> None:
    values = {"vt": POLICY.viewer_token(key, exp), "exp": str(exp)}
    assert POLICY.check_viewer_token(values, key, NOW) == exp
    if key != other:
        with pytest.raises(InvalidSignature):
            POLICY.check_viewer_token(values, other, NOW)


@given(st.binary(max_size=80), st.binary(max_size=120), st.one_of(st.none(), keys))
def test_any_bytes_are_refused_with_an_error_of_the_api(path: bytes, query: bytes, key: str | None) -> None:
    with pytest.raises(WsiError) as caught:
        either(path.decode("latin-1"), parse_query(query), key)
    assert caught.value.status in (400, 401)


fields = st.dictionaries(st.sampled_from(["sig", "vt", "exp", "v", "quality"]), st.text(max_size=70))


@given(fields, st.one_of(st.none(), keys))
def test_any_fields_are_refused_with_an_error_of_the_api(values: dict[str, str], key: str | None) -> None:
    with pytest.raises(WsiError) as caught:
        either("/tiles/a/0/0/0.jpg", values, key)
    assert caught.value.status in (400, 401)
