"""A grant in a frame of another site's page: a session of its own, beside the person's.

Cookies that browsers send into a frame of another site (``SameSite=None; Partitioned``) are kept apart for each site that
frames us. So this one never takes the place of the session of who sits there; only where both come along (a page of our own
site frames us) must a request say which one it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wsi_streamer.access.session_cookie import COOKIE, cookie_name, cookie_value

EMBEDDED_COOKIE = "wsi_embedded"

MARK = "embedded"
"""Query parameter of what a page in a frame asks for, where its browser shows both sessions: the frame's is meant."""

_PURPOSE = "embedded session"
"""What its value is sealed for: it is none of the other cookie."""

_FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})
"""Sec-Fetch-Dest of a page that is loaded into another one (W3C Fetch Metadata, 2.1)."""


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A sealed session, of the cookie that counts."""

    value: str = field(repr=False)
    framed: bool
    """Whether it is a frame's; else it is the person's own."""

    @property
    def purpose(self) -> str:
        """What it must be sealed for."""
        return purpose(framed=self.framed)


def purpose(*, framed: bool) -> str:
    """What a session's cookie is sealed for."""
    return _PURPOSE if framed else "session"


def is_framed(fetch_dest: str) -> bool:
    """Whether a page is asked for to be shown in another one."""
    return fetch_dest in _FRAMES


def embedded_cookie_header(value: str, *, secure: bool, max_age: int) -> str:
    """A Set-Cookie value. Always Secure: browsers take no other into a frame; they do so on http://localhost, too."""
    name = cookie_name(EMBEDDED_COOKIE, secure=secure)
    return f"{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=None; Secure; Partitioned"


def shown_session(
    header: str, *, secure: bool, embedding: bool, fetch_dest: str, params: Mapping[str, str]
) -> ShownSession | None:
    """The session that counts of a Cookie header; None where none is shown.

    One's own goes first, unless the request is for a page in a frame, or says that it means the frame's. A page in a window
    of its own never gets a frame's.

    Raises:
        Unauthorized: there are several of one name.
    """
    own = cookie_value(header, secure=secure, name=COOKIE)
    framed = None
    if embedding and fetch_dest != "document":
        framed = cookie_value(header, secure=secure, name=EMBEDDED_COOKIE)
    if framed is not None and (own is None or is_framed(fetch_dest) or MARK in params):
        return ShownSession(framed, framed=True)
    return None if own is None else ShownSession(own, framed=False)
