"""Viewer tokens: one HMAC that opens all of one slide's routes until it ends."""

from __future__ import annotations

import hashlib
import hmac


def mint_viewer_token(secret: bytes, slide_key: str, expires: int) -> str:
    """64 hex digits, for the slide with this (decoded) key."""
    message = f"viewer:{slide_key}:{expires}".encode("utf-8", "surrogateescape")
    return hmac.new(secret, message, hashlib.sha256).hexdigest()
