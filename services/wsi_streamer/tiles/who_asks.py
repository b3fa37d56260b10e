"""Whose requests belong together, for read-ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsi_streamer.tiles.reading.viewers import Who


def who_asks(scope: Mapping[str, Any], params: Mapping[str, str]) -> Who:
    """By the client's address, that which a proxy reports, and the token shown (``vt``)."""
    client = scope["client"]
    forwarded = next((value for name, value in scope["headers"] if name == b"x-forwarded-for"), b"")
    address = hash((client[0] if client else "", forwarded))
    return Who(address, hash((address, params.get("vt"))))
