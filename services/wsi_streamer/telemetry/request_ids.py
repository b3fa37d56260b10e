"""Request ids: the client's own where it is a sane one, so that logs of several services can be joined."""

from __future__ import annotations

import random
import re

_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}\Z")


def request_id(header: bytes | None) -> str:
    """The id of a request: what ``X-Request-Id`` says if it is 1 to 64 letters, digits or ``._-`` (anything else could
    forge log lines), else a new one."""
    if header is not None and _SANE.match(header):
        return header.decode()
    return f"{random.getrandbits(64):016x}"
