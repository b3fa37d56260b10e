"""Opaque slide ids: what logs, URLs and metrics name a slide by, because its key may hold a patient's name."""

from __future__ import annotations

import base64
import re
import secrets

_PATTERN = re.compile(r"s-[a-z2-7]{24}\Z")


def new_slide_id() -> str:
    """A random id of 120 bits, ``s-`` and 24 letters or digits. Nothing of the key is in it."""
    return "s-" + base64.b32encode(secrets.token_bytes(15)).decode().lower()


def is_slide_id(ref: str) -> bool:
    """Whether ``ref`` has the one fixed pattern of opaque ids; such a ref is never taken for a key."""
    return _PATTERN.match(ref) is not None
