"""Where a page of a list ended: what a client sends back for the next one."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.slides.errors import InvalidRequest
from wsi_streamer.slides.ids import is_slide_id

BAD_CURSOR = "Invalid cursor: use the next_cursor of the page before, with the same sort."

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
    return _encode([column, value, row.key])


def write_opaque_cursor(row: SlideRow, column: str) -> str:
    """The same for those who are not to know any key: it names the slide by its opaque id."""
    return _encode([column, row.id])


def read_cursor(cursor: str, column: str) -> Cursor:
    """The inverse.

    Raises:
        InvalidRequest: nothing that `write_cursor` made for such a list.
    """
    try:
        written, value, key = _decode(cursor)
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
    except (ValueError, TypeError, RecursionError):
        raise InvalidRequest(BAD_CURSOR) from None
    return Cursor(value, key)


def read_opaque_cursor(cursor: str, column: str) -> str:
    """The id in a cursor that `write_opaque_cursor` made.

    Raises:
        InvalidRequest: it did not, or for another list.
    """
    try:
        written, slide_id = _decode(cursor)
    except (ValueError, TypeError, RecursionError):
        raise InvalidRequest(BAD_CURSOR) from None
    if written != column or not isinstance(slide_id, str) or not is_slide_id(slide_id):
        raise InvalidRequest(BAD_CURSOR)
    return slide_id


def cursor_at(row: Any, column: str) -> Cursor:
    """Behind a row of the table: its ``key``, ``last_modified`` and ``size``."""
    return Cursor({"key": row.key, "modified": row.last_modified or _EPOCH, "size": row.size}[column], row.key)


def _encode(value: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _decode(cursor: str) -> Any:
    padded = cursor + "=" * (-len(cursor) % 4)
    return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
