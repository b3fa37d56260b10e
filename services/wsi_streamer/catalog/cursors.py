"""Where a page of a list ended: what a client sends back for the next one."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.slides.errors import InvalidRequest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page."""

    value: Any
    """Of the column that the list is sorted by: text, a time, or bytes."""

    key: str


def write_cursor(row: SlideRow, column: str) -> str:
    """The cursor behind ``row`` in a list sorted by ``column``."""
    modified = row.last_modified.isoformat() if row.last_modified is not None else _EPOCH.isoformat()
    value = {"key": row.key, "modified": modified, "size": row.size}[column]
    return base64.urlsafe_b64encode(json.dumps([column, value, row.key]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, column: str) -> Cursor:
    """The inverse.

    Raises:
        InvalidRequest: nothing that `write_cursor` made for such a list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        written, value, key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if written != column or not isinstance(key, str) or "\0" in key:
            raise ValueError(column)
        if column == "modified":
            value = datetime.fromisoformat(value)
            value = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        elif column == "size":
            value = int(value)
            if abs(value) >= 2**63:
                raise ValueError(column)
        else:
            value = str(value)
        key.encode()
        str(value).encode()
    except (ValueError, TypeError, binascii.Error):
        raise InvalidRequest("Invalid cursor: use the next_cursor of the page before, with the same sort.") from None
    return Cursor(value, key)
