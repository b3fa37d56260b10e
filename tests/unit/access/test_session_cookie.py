from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.session_cookie import (
    RENEW_SECONDS,
    Session,
    cookie_header,
    cookie_value,
    grant_session,
    identity_session,
    seal,
    unseal,
)
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import Forbidden, Unauthorized

NOW = 1_795_230_667
HOUR = 3600
KEYS = SigningKeys.of([b"new secret", b"old secret"])
ADA = Caller(
    "identity",
    "https://login.test|ada",
    frozenset({Permission.TILES, Permission.LABEL}),
    Scope(("2026/", "ä/")),
    frozenset({Role.VIEWER, Role.AUDITOR}),
    name="Ada",
    expires=NOW + 300,
    revocable=True,
)
SESSION = identity_session(ADA, "digest", NOW, 12 * HOUR)


def test_a_session_makes_the_same_caller_again() -> None:
    caller = unseal(KEYS, seal(KEYS, SESSION), NOW).caller()
    assert caller == Caller(
        "identity",
        ADA.id,
        ADA.permissions,
        ADA.scope,
        ADA.roles,
        name="Ada",
        expires=NOW + RENEW_SECONDS,
        revocable=True,
    )
    assert SESSION.ends == NOW + 12 * HOUR


def test_a_grants_session_holds_its_id_alone() -> None:
    session = unseal(KEYS, seal(KEYS, grant_session("g-1", NOW, NOW + 60)), NOW)
    assert session == Session(caller_kind="grant", grant_id="g-1", renew_by=NOW + 60, ends=NOW + 60)


def test_a_session_ends_in_a_quarter_of_an_hour_unless_it_is_renewed() -> None:
    sealed = seal(KEYS, SESSION)
    assert unseal(KEYS, sealed, NOW + RENEW_SECONDS - 1) == SESSION
    with pytest.raises(Unauthorized, match="ended"):
        unseal(KEYS, sealed, NOW + RENEW_SECONDS)
    later = SESSION.renewed(NOW + 600)
    assert later.renew_by == NOW + 600 + RENEW_SECONDS
    assert later.ends == SESSION.ends


def test_renewing_comes_to_an_end() -> None:
    last = SESSION.renewed(SESSION.ends - 60)
    assert last.renew_by == SESSION.ends
    assert last.renew_after(SESSION.ends - 60) == 61  # so that the page is told
    with pytest.raises(Unauthorized, match="ended"):
        last.renewed(SESSION.ends)
    with pytest.raises(Unauthorized, match="ended"):
        SESSION.renewed(NOW, NOW - 1)  # a grant that was cut short


def test_a_page_asks_for_another_well_before_the_end() -> None:
    assert SESSION.renew_after(NOW) == RENEW_SECONDS * 2 // 3
    assert SESSION.renew_after(NOW + RENEW_SECONDS + 99) >= 1


def test_keys_rotate() -> None:
    old = SigningKeys.of([b"old secret"])
    assert unseal(KEYS, seal(old, SESSION), NOW) == SESSION
    with pytest.raises(Unauthorized):
        unseal(SigningKeys.of([b"new secret"]), seal(old, SESSION), NOW)
    with pytest.raises(Unauthorized):
        unseal(old, seal(KEYS, SESSION), NOW)


def test_what_is_sealed_for_one_purpose_is_nothing_for_another() -> None:
    with pytest.raises(Unauthorized):
        unseal(KEYS, seal(KEYS, SESSION, "sign-in"), NOW)


def test_changed_sessions_are_refused() -> None:
    version, key, payload, mac = seal(KEYS, SESSION).split(".")
    more = json.loads(base64.urlsafe_b64decode(payload + "=="))
    more["roles"] = ["admin"]
    forged = base64.urlsafe_b64encode(json.dumps(more).encode()).rstrip(b"=").decode()
    for text in (
        f"{version}.{key}.{forged}.{mac}",
        f"{version}.{KEYS.keys[1].id}.{payload}.{mac}",
        f"v2.{key}.{payload}.{mac}",
        f"{version}.{key}.{payload}.{mac[:-1]}",
        f"{version}.{key}.{payload}.{mac.upper()}x",
        f"{version}.{key}.{payload}.é",
        f"{version}.{key}.{payload}.",
        f"{version}.{key}.{payload}",
    ):
        with pytest.raises(Unauthorized):
            unseal(KEYS, text, NOW)


@given(st.text() | st.from_regex(r"v1\.[0-9a-f]{8}\.[A-Za-z0-9_=-]{0,20}\.[0-9a-f]{0,64}", fullmatch=True))
def test_junk_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(Unauthorized):
        unseal(KEYS, text, NOW)


def test_a_session_that_browsers_would_not_keep_is_refused() -> None:
    many = Caller("identity", "i|s", scope=Scope(tuple(f"department-{n}/slides/" for n in range(200))))
    with pytest.raises(Forbidden, match="too many slide prefixes"):
        seal(KEYS, identity_session(many, "digest", NOW, HOUR))


def test_headers() -> None:
    assert cookie_header("x", secure=False, max_age=9) == "wsi_session=x; Path=/; Max-Age=9; HttpOnly; SameSite=Lax"
    secure = cookie_header("x", secure=True, max_age=0)
    assert secure == "__Host-wsi_session=x; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    assert cookie_value("a=1; wsi_session=x.y; b=2", secure=False) == "x.y"
    assert cookie_value("a=1; wsi_session=x.y; __Host-wsi_session=z", secure=True) == "z"
    assert cookie_value("wsi_session=planted by another host", secure=True) is None
    assert cookie_value("xwsi_session=1; wsi_session", secure=False) is None
    assert cookie_value("", secure=False) is None
    for several in ("wsi_session=x; wsi_session=y", "wsi_session=x;a=b;wsi_session=x"):
        with pytest.raises(Unauthorized):
            cookie_value(several, secure=False)
