"""Viewer tokens: ``vt`` opens all tiles and metadata of one slide, named by its decoded key."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from wsi_streamer.access.signatures import hex_digest, is_one_of
from wsi_streamer.slides.errors import InvalidSignature


def mint(secret: bytes, slide_key: str, exp: int) -> str:
    """The token of a slide until ``exp``: hex HMAC-SHA256 of "viewer:key:exp"."""
    message = f"viewer:{slide_key}:{exp}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, message, "sha256").hex()


def check(secrets: Sequence[bytes], slide_key: str | None, exp: int, token: str) -> None:
    """Whether ``token`` opens a slide, by one of some secrets. An unknown slide (None) is refused like a wrong token, after
    the same work, so that the answer does not tell which slides exist.

    Raises:
        InvalidSignatureFormat: not 64 hex digits.
        InvalidSignature: not that slide's.
    """
    given = hex_digest(token)
    matches = is_one_of(given, [mint(secret, slide_key or "", exp) for secret in secrets])
    if slide_key is None or not matches:
        raise InvalidSignature("Invalid viewer token.")
