"""A grant in a frame of another site's page: a session of its own, beside the person's.

Cookies that browsers send into a frame of another site (``SameSite=None; Partitioned``) are kept apart for each site that
frames us. But where that site is our own, both sessions come along with whatever our pages ask, in frames and in windows. So
each page that a frame's session has opened is marked, and with it all that it asks for (`services/viewer/src/api/mark.ts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from wsi_streamer.access.session_cookie import COOKIE, cookie_name, cookie_value, refuse_ended

EMBEDDED_COOKIE = "wsi_embedded"

MARK = "embedded"
"""Query parameter of a page that a frame's session has opened, and of all that it asks for. It says which session is meant,
and gives no right."""

_PURPOSE = "embedded session"
"""What its value is sealed for: it is none of the other cookie."""

_FRAMES = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})
"""Sec-Fetch-Dest of a page that is loaded into another one (W3C Fetch Metadata, 2.1)."""

_PORTS = {"http": 80, "https": 443}


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


def may_frame(origin: str, ancestors: Iterable[str]) -> bool:
    """Whether one of a frame-ancestors' sources is this origin, as browsers match them (CSP 3, 6.7.2.8)."""
    asked = _parts(origin)
    return asked is not None and any(_matches(_parts(source), asked) for source in ancestors)


def _parts(origin: str) -> tuple[str, str, int] | None:
    try:
        found = urlsplit(origin)
        port = found.port or _PORTS[found.scheme]
    except (ValueError, KeyError):
        return None
    return found.scheme, (found.hostname or ""), port


def _matches(source: tuple[str, str, int] | None, asked: tuple[str, str, int]) -> bool:
    if source is None:
        return False
    (scheme, host, port), (of, at, by) = source, asked
    upgraded = (scheme, of) == ("http", "https")
    named = at.endswith(host[1:]) if host.startswith("*.") else at == host
    return named and (scheme == of or upgraded) and (port == by or (upgraded and (port, by) == (80, 443)))


def shown_session(
    header: str, *, secure: bool, embedding: bool, fetch_dest: str, params: Mapping[str, str]
) -> ShownSession | None:
    """The session that counts of a Cookie header; None where none is shown.

    A frame's counts only where its browser loads a page into a frame, or where the request is marked: by nothing else can a
    request of a page in a frame be told from one of a page in a window. Who is marked never falls back to the person's own.

    Raises:
        Unauthorized: there are several of one name, or the request is marked and shows no frame's session.
    """
    marked = MARK in params
    if embedding and fetch_dest != "document" and (marked or is_framed(fetch_dest)):
        framed = cookie_value(header, secure=secure, name=EMBEDDED_COOKIE)
        if framed is not None:
            return ShownSession(framed, framed=True)
    if marked:
        refuse_ended()
    own = cookie_value(header, secure=secure, name=COOKIE)
    return None if own is None else ShownSession(own, framed=False)
