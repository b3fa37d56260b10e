"""A name for each request, to find it in the logs."""

from __future__ import annotations

import re
import secrets

_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}\Z")


def request_id(given: bytes | None) -> str:
    """What the proxy in front calls it, where that is sane; else a new name."""
    if given is not None and _SANE.match(given):
        return given.decode("ascii")
    return secrets.token_hex(8)
