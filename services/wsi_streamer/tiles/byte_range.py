"""The Range header, as far as it asks for one part (RFC 9110, section 14)."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.IGNORECASE)


def asked_range(header: str, size: int) -> range | None:
    """The bytes asked for of ``size``; empty where there are none such (416). None: all, since the header is none that
    is understood, or asks for several parts, which a server may leave unheeded."""
    match = _RANGE.fullmatch(header)
    if match is None:
        return None
    first, last, suffix = (None if part is None else int(part) for part in match.groups())
    if suffix is not None:
        return range(max(0, size - suffix), size)
    if first is None or (last is not None and last < first):
        return None
    return range(first, size if last is None else min(size, last + 1))
