"""Which session counts, where a frame has one of its own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from wsi_streamer.access.embedded import MARK, embedded_cookie_header, is_framed, may_frame, purpose, shown_session
from wsi_streamer.access.session_cookie import Session, grant_session, seal, unseal
from wsi_streamer.access.signatures import canonical_query
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import RightEnded, Unauthorized

OWN, FRAMES = "wsi_session=own", "wsi_embedded=frame"


def shown(
    cookie: str, dest: str = "image", params: Mapping[str, str] | None = None, *, embedding: bool = True
) -> str | None:
    found = shown_session(cookie, secure=False, embedding=embedding, fetch_dest=dest, params=params or {})
    assert found is None or found.framed == (found.value == "frame")
    return None if found is None else found.value


def test_a_frames_session_counts_for_pages_in_frames_and_for_what_they_ask() -> None:
    both = f"{OWN}; {FRAMES}"
    for cookies in (FRAMES, both):
        assert shown(cookies, "iframe") == "frame"
        for dest in ("empty", "image", "iframe", ""):
            assert shown(cookies, dest, {MARK: "1"}) == "frame"
    for dest in ("empty", "image", "document", "script", ""):
        assert shown(both, dest) == "own"
        assert shown(FRAMES, dest) is None, "a page in a window, whose own session has ended"
    assert shown(OWN, "iframe") == "own"
    assert shown("") is None


def test_a_marked_request_never_counts_the_persons_own_session() -> None:
    for cookies in ("", OWN):
        for dest in ("empty", "image", "iframe", "document", ""):
            with pytest.raises(RightEnded):
                shown(cookies, dest, {MARK: "1"})


def test_a_window_of_its_own_never_gets_a_frames_session() -> None:
    assert shown(FRAMES, "document") is None
    for cookies in (FRAMES, f"{OWN}; {FRAMES}"):
        with pytest.raises(RightEnded):
            shown(cookies, "document", {MARK: "1"})


def test_where_nothing_may_be_framed_there_is_no_such_session() -> None:
    assert shown(FRAMES, "iframe", embedding=False) is None
    assert shown(f"{OWN}; {FRAMES}", "iframe", embedding=False) == "own"
    with pytest.raises(RightEnded):
        shown(f"{OWN}; {FRAMES}", "iframe", {MARK: "1"}, embedding=False)


def test_the_mark_is_not_signed() -> None:
    assert canonical_query({"exp": "1", MARK: "1"}) == canonical_query({"exp": "1"})


@pytest.mark.parametrize(
    ("came_from", "may"),
    [
        ("https://portal.test/", True),
        ("https://portal.test:443/a?b", True),
        ("https://portal.test:8443/", False),
        ("http://portal.test/", False),
        ("https://portal.test.evil.test/", False),
        ("https://evil.test/portal.test", False),
        ("https://portal.test@evil.test/", False),
        ("https://a.clinic.test:8443/", True),
        ("https://a.b.clinic.test:8443/", True),
        ("https://clinic.test:8443/", False),
        ("https://evilclinic.test:8443/", False),
        ("https://inside.test/", True),
        ("http://inside.test/", True),
        ("null", False),
        ("about:blank", False),
        ("https://portal.test:x/", False),
        ("https://[", False),
    ],
)
def test_origins_are_matched_as_browsers_do(came_from: str, may: bool) -> None:
    assert may_frame(came_from, ("https://portal.test", "https://*.clinic.test:8443", "http://inside.test")) is may


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(Unauthorized):
        shown(f"{FRAMES}; wsi_embedded=another", "iframe")


def test_the_cookie_is_for_frames_of_one_site() -> None:
    header = embedded_cookie_header("x", secure=True, max_age=9)
    assert header == ("__Host-wsi_embedded=x; Path=/; Max-Age=9; HttpOnly; SameSite=None; Secure; Partitioned")
    assert embedded_cookie_header("x", secure=False, max_age=0).startswith("wsi_embedded=x; Path=/; Max-Age=0; ")


def test_the_value_of_one_cookie_is_none_of_the_other() -> None:
    keys = SigningKeys.of([b"secret"])
    session: Session = grant_session("g-1", 1_000, 9_000)
    for framed in (True, False):
        sealed = seal(keys, session, purpose(framed=framed))
        assert unseal(keys, sealed, 1_001, purpose(framed=framed)) == session
        with pytest.raises(Unauthorized):
            unseal(keys, sealed, 1_001, purpose(framed=not framed))


def test_frames_are_known_by_what_the_browser_says() -> None:
    assert all(is_framed(dest) for dest in ("iframe", "frame", "embed", "object", "fencedframe"))
    assert not any(is_framed(dest) for dest in ("", "document", "image", "empty", "IFRAME"))
