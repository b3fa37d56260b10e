"""Signer against verifier: what was signed verifies, nothing else does, and nothing but the API's errors is raised."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wsi_streamer.access.expiry import parse_expiry
from wsi_streamer.access.query import parse_query
from wsi_streamer.access.signatures import canonical_query
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


@given(params, params)
def test_the_canonical_query_of_two_sets_of_parameters_differs(one: dict[str, str], other: dict[str, str]) -> None:
    signed_one, signed_other = ({k: v for k, v in p.items() if k not in ("sig", "vt", "v")} for p in (one, other))
    assert (canonical_query(one) == canonical_query(other)) == (signed_one == signed_other)


# Texts that look alike once joined: what a canonical form must keep apart.
tricky = st.text("a=&%+ 1?#;/\u00e9", max_size=6)


@given(st.dictionaries(tricky, tricky, max_size=4), st.dictionaries(tricky, tricky, max_size=4))
def test_no_value_poses_as_a_parameter(one: dict[str, str], other: dict[str, str]) -> None:
    assert (canonical_query(one) == canonical_query(other)) == (one == other)


@given(st.dictionaries(tricky.filter(bool), tricky, max_size=4))
def test_what_is_canonical_is_read_back_as_it_was(values: dict[str, str]) -> None:
    assert parse_query(canonical_query(values).encode()) == values


paths = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=30).map(
    lambda rest: "/" + rest
)


@given(paths, paths, params, expiries)
def test_a_signature_is_for_one_path_as_it_is_written(path: str, other: str, values: dict[str, str], exp: int) -> None:
    query = POLICY.sign_url(path, values, exp).partition("?")[2]
    assert accepts(path, query)
    assert accepts(other, query) == (other == path)


@given(paths, params, expiries, st.integers(-(2**63), 2**63))
def test_no_other_expiry_verifies(path: str, values: dict[str, str], exp: int, other: int) -> None:
    assume(other != exp)
    query = POLICY.sign_url(path, values, exp).partition("?")[2]
    assert not accepts(path, query.replace(f"exp={exp}&sig=", f"exp={other}&sig="))


@given(paths, params, expiries, names, text)
def test_no_parameter_can_be_added_or_taken_away(
    path: str, values: dict[str, str], exp: int, name: str, value: str
) -> None:
    url = POLICY.sign_url(path, values, exp).partition("?")[2]
    if name not in values:
        assert not accepts(path, f"{quote(name, safe='')}={quote(value, safe='')}&{url}")
    if values:
        assert not accepts(path, url.partition("&")[2])


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"), paths, expiries)
def test_each_digit_of_a_signature_counts(at: int, digit: str, path: str, exp: int) -> None:
    url = POLICY.sign_url(path, {}, exp).partition("?")[2]
    head, _, signature = url.rpartition("sig=")
    assume(signature[at] != digit)
    assert not accepts(path, f"{head}sig={signature[:at]}{digit}{signature[at + 1 :]}")


def refusal(read: Callable[[], object]) -> int | None:
    """The status with which it is refused; None where it isn't."""
    try:
        read()
    except WsiError as error:
        return error.status
    return None


@given(st.binary(max_size=200))
def test_any_query_is_read_or_refused(query: bytes) -> None:
    assert refusal(lambda: parse_query(query)) in (None, 400)
    if refusal(lambda: parse_query(query)) is None:
        found = parse_query(query)
        signed_part = {k: v for k, v in found.items() if k not in ("sig", "vt", "v")}
        assert parse_query(canonical_query(found).encode()) == signed_part


@given(st.one_of(st.text(max_size=30), st.integers().map(str)))
def test_an_expiry_is_read_as_written_or_refused(written: str) -> None:
    assert refusal(lambda: parse_expiry(written)) in (None, 400)
    if refusal(lambda: parse_expiry(written)) is None:
        assert str(parse_expiry(written)) == written
