"""Grants as they are stored."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, text

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.stored_text import is_clean
from wsi_streamer.slides.errors import InvalidRequest
from wsi_streamer.slides.ids import is_slide_id

_COLUMNS = """
    id, slide_id, prefix, permissions, networks, note, created_by, created_at, expires_at, revoked_at, revoked_by,
    (SELECT key FROM slides WHERE slides.id = grants.slide_id AND vanished_at IS NULL) AS slide_key
"""
_INSERT = text(f"""
    INSERT INTO grants (id, source_id, slide_id, prefix, permissions, networks, note, created_by, expires_at)
    VALUES (:id, :source, :slide_id, :prefix, CAST(:permissions AS text[]), CAST(:networks AS text[]), :note, :created_by,
            :expires_at)
    RETURNING {_COLUMNS}
""")  # noqa: S608 - a constant
_GET = text(f"SELECT {_COLUMNS} FROM grants WHERE source_id = :source AND id = :id")  # noqa: S608 - a constant
# created_by and active_at are NULL for all.
_PAGE = f"""
    SELECT {_COLUMNS} FROM grants
    WHERE source_id = :source
      AND (CAST(:created_by AS text) IS NULL OR created_by = :created_by)
      AND (CAST(:active_at AS timestamptz) IS NULL OR (revoked_at IS NULL AND expires_at > :active_at)) {{}}
    ORDER BY created_at DESC, id DESC LIMIT :limit
"""  # noqa: S608 - a constant
_FIRST_PAGE = text(_PAGE.format(""))
_NEXT_PAGE = text(_PAGE.format("AND (created_at, id) < (CAST(:after AS timestamptz), CAST(:after_id AS text))"))
_REVOKE = text("""
    UPDATE grants SET revoked_at = now(), revoked_by = :revoked_by
    WHERE source_id = :source AND id = :id AND revoked_at IS NULL
    RETURNING id
""")
_NOTIFY = text("SELECT pg_notify('wsi_grants', :payload)")

_SLIDE_BY_ID = text("SELECT id, key FROM slides WHERE source_id = :source AND id = :ref AND vanished_at IS NULL")
_SLIDE_BY_KEY = text("SELECT id, key FROM slides WHERE source_id = :source AND key = :ref AND vanished_at IS NULL")


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A row of the table."""

    id: str
    slide_id: str | None
    prefix: str | None
    permissions: tuple[str, ...]
    networks: tuple[str, ...]
    note: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    slide_key: str | None
    """What the slide is called now; None for a prefix, and for a slide that has vanished from the bucket."""


@dataclass(frozen=True, slots=True)
class GrantRows:
    """One page of them, newest first."""

    rows: list[GrantRow]
    next_cursor: str | None


class GrantQueries:
    """The grants of one source. No row is ever changed but once, to revoke it, and none is deleted."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self.source_id = source_id

    async def slide(self, ref: str) -> tuple[str, str] | None:
        """Opaque id and key of a slide by either; None where it is unknown, or has vanished from the bucket."""
        if not is_clean(ref):
            return None
        rows = await self._database.rows(
            _SLIDE_BY_ID if is_slide_id(ref) else _SLIDE_BY_KEY, {"source": self.source_id, "ref": ref}
        )
        return (rows[0].id, rows[0].key) if rows else None

    async def add(
        self,
        *,
        grant_id: str,
        slide_id: str | None,
        prefix: str | None,
        permissions: list[str],
        networks: list[str],
        note: str | None,
        created_by: str,
        expires_at: datetime,
    ) -> GrantRow:
        """Store a new one; exactly one of ``slide_id`` and ``prefix`` is None.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        values = {
            "id": grant_id,
            "source": self.source_id,
            "slide_id": slide_id,
            "prefix": prefix,
            "permissions": permissions,
            "networks": networks,
            "note": note,
            "created_by": created_by,
            "expires_at": expires_at,
        }
        async with self._database.transaction() as connection:
            return _grant_row((await connection.execute(_INSERT, values)).one())

    async def get(self, grant_id: str) -> GrantRow | None:
        """One of them, whether it still holds or not."""
        if not is_clean(grant_id):
            return None
        rows = await self._database.rows(_GET, {"source": self.source_id, "id": grant_id})
        return _grant_row(rows[0]) if rows else None

    async def page(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        created_by: str | None = None,
        active_at: datetime | None = None,
    ) -> GrantRows:
        """Up to ``limit`` behind ``cursor``; those of one creator, those that hold at a time.

        Raises:
            InvalidRequest: a cursor that this list did not give out.
        """
        values = {
            "source": self.source_id,
            "created_by": created_by,
            "active_at": active_at,
            "limit": limit + 1,
        }
        statement = _FIRST_PAGE
        if cursor is not None:
            statement = _NEXT_PAGE
            values["after"], values["after_id"] = _read_cursor(cursor)
        rows = [_grant_row(row) for row in await self._database.rows(statement, values)]
        more = len(rows) > limit
        return GrantRows(rows[:limit], _write_cursor(rows[limit - 1]) if more else None)

    async def revoke(self, grant_id: str, revoked_by: str) -> bool:
        """End one, and tell all workers. False where it has been revoked before, or doesn't exist."""
        values = {"source": self.source_id, "id": grant_id, "revoked_by": revoked_by}
        async with self._database.transaction() as connection:
            found = (await connection.execute(_REVOKE, values)).one_or_none() is not None
            # Told again where it was revoked before: who asks twice may doubt that it was heard.
            await connection.execute(_NOTIFY, {"payload": f"{self.source_id}:{grant_id}"})
        return found


def _grant_row(row: Row[Any]) -> GrantRow:
    return GrantRow(
        id=row.id,
        slide_id=row.slide_id,
        prefix=row.prefix,
        permissions=tuple(row.permissions),
        networks=tuple(row.networks),
        note=row.note,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        slide_key=row.slide_key,
    )


def _write_cursor(row: GrantRow) -> str:
    value = json.dumps([row.created_at.astimezone(UTC).isoformat(), row.id])
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        written, ident = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        after = datetime.fromisoformat(written)
        if after.tzinfo is None or not isinstance(ident, str) or not is_clean(ident):
            raise ValueError(ident)
        after.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        raise InvalidRequest("Invalid cursor: use the next_cursor of the page before.") from None
    return after, ident
