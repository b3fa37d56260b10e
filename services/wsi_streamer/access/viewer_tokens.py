"""Viewer tokens: ``vt`` opens all tiles and metadata of one slide, named by its decoded key."""

from __future__ import annotations

import hmac

from wsi_streamer.access.signatures import hex_digest
from wsi_streamer.slides.errors import InvalidSignature


def mint(secret: bytes, slide_key: str, exp: int) -> str:
    """The token of a slide until ``exp``: hex HMAC-SHA256 of "viewer:key:exp"."""
    message = f"viewer:{slide_key}:{exp}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, message, "sha256").hex()


def check(secret: bytes, slide_key: str | None, exp: int, token: str) -> None:
    """Whether ``token`` opens a slide. An unknown slide (None) is refused like a wrong token, after the same work, so
    that the answer does not tell which slides exist.

    Raises:
        InvalidSignatureFormat: not 64 hex digits.
        InvalidSignature: not that slide's.
    """
    given = hex_digest(token)
    matches = hmac.compare_digest(given, mint(secret, slide_key or "", exp))
    if slide_key is None or not matches:
        raise InvalidSignature("Invalid viewer token.")
