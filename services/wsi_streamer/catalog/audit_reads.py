"""Reading the audit log: all of it in the order of its chains, or what somebody asks for in the order of time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.catalog.audit import AuditRow
from wsi_streamer.catalog.database import Database

_BATCH = 1000

_ALL = text("""
    SELECT writer, seq, at, stored_at, source_id, action, agent, slide_id, session, record, hash FROM audit
    ORDER BY writer, seq, at
""")
_OF_ACTIONS = text("""
    SELECT writer, seq, stored_at, action, record FROM audit WHERE action = ANY(CAST(:actions AS text[]))
    ORDER BY at, writer, seq
""")
_ANCHORS = text("SELECT month, writer, seq, hash, records, dropped_at FROM audit_anchors ORDER BY month, writer")

# A session stands where its first row in the time asked for does.
_PAGE = text("""
    SELECT writer, seq, at, session, record FROM audit AS rows
    WHERE at >= :since AND at < :until AND (at, writer, seq) > (:after_at, :after_writer, :after_seq)
        AND (CAST(:source AS integer) IS NULL OR source_id = :source)
        AND (CAST(:agents AS text[]) IS NULL OR agent = ANY(CAST(:agents AS text[])))
        AND (CAST(:actions AS text[]) IS NULL OR action = ANY(CAST(:actions AS text[])))
        AND (CAST(:slide AS text) IS NULL OR slide_id = :slide
            OR slide_id IN (SELECT id FROM slides WHERE key = :slide AND (CAST(:source AS integer) IS NULL OR source_id = :source)))
        AND (session IS NULL OR NOT EXISTS (
            SELECT 1 FROM audit AS earlier
            WHERE earlier.session = rows.session AND earlier.at >= :since
                AND (earlier.at, earlier.writer, earlier.seq) < (rows.at, rows.writer, rows.seq)))
    ORDER BY at, writer, seq LIMIT :limit
""")
_SESSIONS = text("""
    SELECT session, record FROM audit WHERE session = ANY(CAST(:sessions AS text[])) ORDER BY session, at, writer, seq
""")


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is left of a writer's records in a month that was dropped: its last one's place and hash."""

    month: date
    writer: str
    seq: int
    hash: bytes
    records: int
    dropped_at: datetime


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row, and when Postgres has taken it."""

    row: AuditRow
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A record by which a writer says something of the log."""

    writer: str
    seq: int
    stored_at: datetime
    action: str
    record: str


@dataclass(frozen=True, slots=True)
class Position:
    """Of a row in the order of time."""

    at: datetime
    writer: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to read; None: any."""

    since: datetime
    until: datetime
    source_id: int | None = None
    slide: str | None = None
    """Opaque id, or key."""
    agents: Sequence[str] | None = None
    actions: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and where it stands."""

    position: Position
    session: str | None
    record: str


async def all_rows(connection: AsyncConnection) -> AsyncIterator[StoredRow]:
    """Every row, writer by writer, each in the order of its numbers. Bounded memory."""
    async for row in _streamed(connection, _ALL):
        found = AuditRow(
            row.writer, row.seq, row.at, row.source_id, row.action, row.agent, row.slide_id, row.session, row.record, row.hash
        )  # fmt: skip
        yield StoredRow(found, row.stored_at)


async def rows_of_actions(connection: AsyncConnection, actions: Sequence[str]) -> AsyncIterator[Said]:
    """Rows of some actions in the order of time. Bounded memory."""
    async for row in _streamed(connection, _OF_ACTIONS, {"actions": list(actions)}):
        yield Said(row.writer, row.seq, row.stored_at, row.action, row.record)


async def all_anchors(connection: AsyncConnection) -> list[Anchor]:
    """What is left of months that were dropped, in their order."""
    found = await connection.execute(_ANCHORS)
    return [Anchor(row.month, row.writer, row.seq, row.hash, row.records, row.dropped_at) for row in found]


class AuditReads:
    """For the export."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, asked: Asked, after: Position | None, limit: int) -> list[Found]:
        """The next rows; of each session only the first.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        values: dict[str, Any] = {
            "since": asked.since,
            "until": asked.until,
            "source": asked.source_id,
            "slide": asked.slide,
            "agents": None if asked.agents is None else list(asked.agents),
            "actions": None if asked.actions is None else list(asked.actions),
            "after_at": asked.since if after is None else after.at,
            "after_writer": "" if after is None else after.writer,
            "after_seq": 0 if after is None else after.seq,
            "limit": limit,
        }
        async with self._database.transaction() as connection:  # an auditor waits for longer than a viewer
            found = (await connection.execute(_PAGE, values)).all()
        return [Found(Position(row.at, row.writer, row.seq), row.session, row.record) for row in found]

    async def sessions(self, sessions: Sequence[str]) -> dict[str, list[str]]:
        """All records of some sessions, in the order of time.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        if not sessions:
            return {}
        async with self._database.transaction() as connection:
            rows = (await connection.execute(_SESSIONS, {"sessions": list(sessions)})).all()
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row.session, []).append(row.record)
        return found


async def _streamed(
    connection: AsyncConnection, statement: Any, values: dict[str, Any] | None = None
) -> AsyncIterator[Any]:
    async with connection.stream(statement, values, execution_options={"yield_per": _BATCH}) as result:
        async for row in result:
            yield row
