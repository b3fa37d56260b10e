from __future__ import annotations

import pytest

from wsi_streamer.access.query import parse_query
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.slides.errors import (
    InvalidExpiryFormat,
    InvalidSignature,
    InvalidSignatureFormat,
    MissingExpiry,
    MissingSignature,
    SignatureExpired,
    WsiError,
)

PATH = "/tiles/case%2F1.svs/0/0/0.jpg"
KEY = "case/1.svs"
NOW, EXP = 1_000_000.5, 1_000_060
POLICY = SignedLinks((b"secret",))
SIG = POLICY.sign_url(PATH, {}, EXP).rpartition("sig=")[2]
VT = POLICY.viewer_token(KEY, EXP)
ZEROS = "0" * 64


def check_sig(**params: str) -> int:
    return POLICY.check_url(PATH, params, NOW)


def check_vt(key: str | None = KEY, **params: str) -> int:
    return POLICY.check_viewer_token(params, key, NOW)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError):
        SignedLinks((b"",))


def test_the_secret_is_not_shown() -> None:
    assert "secret'" not in repr(POLICY)


def test_signed_url_is_accepted_and_gives_its_expiry() -> None:
    assert check_sig(sig=SIG, exp=str(EXP)) == EXP


def test_version_is_not_part_of_what_is_signed() -> None:
    assert check_sig(sig=SIG, exp=str(EXP), v="0123") == EXP


def test_signed_url_round_trip_with_odd_values() -> None:
    params = {"search": "a&b=c d+é/病", "sig2": "1"}
    path, _, query = POLICY.sign_url("/slides", params, EXP).partition("?")
    parsed = parse_query(query.encode())
    assert {k: parsed[k] for k in params} == params
    assert POLICY.check_url(path, parsed, NOW) == EXP


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({}, MissingSignature),
        ({"exp": str(EXP)}, MissingSignature),
        ({"sig": SIG}, MissingExpiry),
        ({"sig": "abc"}, MissingExpiry),
        ({"sig": SIG, "exp": "soon"}, InvalidExpiryFormat),
        ({"sig": SIG, "exp": ""}, InvalidExpiryFormat),
        ({"sig": "", "exp": str(EXP)}, InvalidSignatureFormat),
        ({"sig": SIG[:-1], "exp": str(EXP)}, InvalidSignatureFormat),
        ({"sig": SIG + "0", "exp": str(EXP)}, InvalidSignatureFormat),
        ({"sig": "g" * 64, "exp": str(EXP)}, InvalidSignatureFormat),
        ({"sig": "é" * 64, "exp": str(EXP)}, InvalidSignatureFormat),
        ({"sig": "K" * 64, "exp": str(EXP)}, InvalidSignatureFormat),
        ({"sig": ZEROS, "exp": str(EXP)}, InvalidSignature),
        ({"sig": SIG, "exp": str(EXP + 1)}, InvalidSignature),
        ({"sig": SIG, "exp": str(EXP), "quality": "80"}, InvalidSignature),
        ({"sig": VT, "exp": str(EXP)}, InvalidSignature),
    ],
)
def test_signature_refusals(params: dict[str, str], error: type[WsiError]) -> None:
    with pytest.raises(error):
        check_sig(**params)


@pytest.mark.parametrize(
    "path", ["/tiles/case%2F1.svs/0/0/1.jpg", "/tiles/case%2f1.svs/0/0/0.jpg", "/tiles/case/1.svs/0/0/0.jpg"]
)
def test_a_signature_is_for_its_path_alone_as_sent(path: str) -> None:
    with pytest.raises(InvalidSignature):
        POLICY.check_url(path, {"sig": SIG, "exp": str(EXP)}, NOW)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"vt": VT}, MissingExpiry),
        ({"vt": VT, "exp": "1 "}, InvalidExpiryFormat),
        ({"vt": "abc", "exp": str(EXP)}, InvalidSignatureFormat),
        ({"vt": ZEROS, "exp": str(EXP)}, InvalidSignature),
        ({"vt": SIG, "exp": str(EXP)}, InvalidSignature),
        ({"vt": VT, "exp": str(EXP + 1)}, InvalidSignature),
        ({"vt": ZEROS, "exp": str(EXP), "sig": SIG}, InvalidSignature),
    ],
)
def test_viewer_token_refusals(params: dict[str, str], error: type[WsiError]) -> None:
    with pytest.raises(error):
        check_vt(**params)


def test_viewer_token_opens_its_slide_alone() -> None:
    assert check_vt(vt=VT, exp=str(EXP), quality="80", v="1", sig=ZEROS) == EXP
    for key in ("case/2.svs", "case/1.svs:1", "case%2F1.svs", ""):
        with pytest.raises(InvalidSignature):
            check_vt(key, vt=VT, exp=str(EXP))


def test_a_viewer_token_opens_no_page() -> None:
    with pytest.raises(MissingSignature):
        check_sig(vt=VT, exp=str(EXP))


def test_an_unknown_slide_looks_like_a_wrong_token() -> None:
    for key in (None, "other.svs"):
        with pytest.raises(InvalidSignature) as caught:
            check_vt(key, vt=VT, exp=str(EXP))
        assert caught.value.message == "Invalid viewer token."
    with pytest.raises(InvalidSignature):
        check_vt(None, vt=POLICY.viewer_token("", EXP), exp=str(EXP))


def test_expiry_is_to_the_second_and_only_told_to_holders() -> None:
    assert POLICY.check_url(PATH, {"sig": SIG, "exp": str(EXP)}, EXP + 0.9) == EXP
    with pytest.raises(SignatureExpired):
        POLICY.check_url(PATH, {"sig": SIG, "exp": str(EXP)}, EXP + 1.0)
    with pytest.raises(SignatureExpired):
        POLICY.check_viewer_token({"vt": VT, "exp": str(EXP)}, KEY, EXP + 1.0)
    with pytest.raises(InvalidSignature):
        check_sig(sig=ZEROS, exp="1")
    with pytest.raises(InvalidSignature):
        check_vt(vt=ZEROS, exp="1")


def test_every_key_verifies_and_the_newest_signs() -> None:
    rotated = SignedLinks((b"new secret", b"secret"))
    assert rotated.check_url(PATH, {"sig": SIG, "exp": str(EXP)}, NOW) == EXP
    assert rotated.check_viewer_token({"vt": VT, "exp": str(EXP)}, KEY, NOW) == EXP
    new = SignedLinks((b"new secret",))
    assert rotated.sign_url(PATH, {}, EXP) == new.sign_url(PATH, {}, EXP)
    assert rotated.viewer_token(KEY, EXP) == new.viewer_token(KEY, EXP)
    for retired in ({"sig": SIG, "exp": str(EXP)},):
        with pytest.raises(InvalidSignature):
            new.check_url(PATH, retired, NOW)
    with pytest.raises(InvalidSignature):
        new.check_viewer_token({"vt": VT, "exp": str(EXP)}, KEY, NOW)
