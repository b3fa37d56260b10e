"""Where someone may be sent on to: a path of this very service, never another site."""

from __future__ import annotations

MAX_CHARACTERS = 600
"""It travels in a cookie, of which a browser may have some at a time; proxies take some 8 kB of them in all."""


def local_path(text: str | None, fallback: str = "/") -> str:
    """A path with its query as it was given, or the fallback where a browser could read it as something else: no scheme, no
    host (``//``), no backslash (browsers take it for a slash), no control character (browsers drop tabs and line ends, and
    what is left may have a host again), nothing that is not ASCII, no ``/auth`` (it would go round in circles)."""
    if text is None or not text.startswith("/") or text.startswith("//") or len(text) > MAX_CHARACTERS:
        return fallback
    if "\\" in text or not text.isascii() or not text.isprintable() or " " in text:
        return fallback
    return fallback if text.partition("?")[0].startswith("/auth") else text
