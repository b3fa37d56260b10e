"""Which session counts, where a frame has one of its own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from wsi_streamer.access.embedded import MARK, embedded_cookie_header, is_framed, purpose, shown_session
from wsi_streamer.access.session_cookie import Session, grant_session, seal, unseal
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import Unauthorized

OWN, FRAMES = "wsi_session=own", "wsi_embedded=frame"


def shown(
    cookie: str, dest: str = "image", params: Mapping[str, str] | None = None, *, embedding: bool = True
) -> str | None:
    found = shown_session(cookie, secure=False, embedding=embedding, fetch_dest=dest, params=params or {})
    assert found is None or found.framed == (found.value == "frame")
    return None if found is None else found.value


def test_ones_own_session_goes_first_unless_the_frames_is_meant() -> None:
    both = f"{OWN}; {FRAMES}"
    assert shown(both) == "own"
    assert shown(both, "empty", {MARK: "1"}) == "frame"
    assert shown(both, "iframe") == "frame"
    assert shown(OWN, "iframe") == "own"
    assert shown(FRAMES) == shown(FRAMES, "iframe") == shown(FRAMES, "") == "frame"
    assert shown("") is None


def test_a_window_of_its_own_never_gets_a_frames_session() -> None:
    assert shown(FRAMES, "document") is None
    assert shown(f"{OWN}; {FRAMES}", "document", {MARK: "1"}) == "own"


def test_where_nothing_may_be_framed_there_is_no_such_session() -> None:
    assert shown(FRAMES, "iframe", {MARK: "1"}, embedding=False) is None
    assert shown(f"{OWN}; {FRAMES}", "iframe", {MARK: "1"}, embedding=False) == "own"


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
