"""Content-Disposition of a file that is saved (RFC 6266, names as RFC 8187 writes them)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_UNSAFE = re.compile(r"[^A-Za-z0-9._() -]")
_NEVER = '\\/:*?"<>|'
"""What some file system takes for something else than a name."""

_MAX_NAME = 150
"""Characters, from the end: the extension counts most."""


def attachment(name: str) -> str:
    """The header's value for a file called ``name``, whatever stands in it."""
    plain = "".join("_" if c in _NEVER or unicodedata.category(c)[0] == "C" else c for c in name)
    plain = plain[-_MAX_NAME:].strip(" .") or "slide"
    ascii_only = _UNSAFE.sub("_", plain)
    return f"attachment; filename=\"{ascii_only}\"; filename*=UTF-8''{quote(plain, safe='')}"
