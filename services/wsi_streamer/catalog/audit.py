"""The audit log's rows: adding to it, and what one who adds asks of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.catalog.database import Database

HEADS_DAYS = 2
"""Writers that wrote within so many days are seen lately."""

_INSERT = text("""
    INSERT INTO audit (writer, seq, at, source_id, action, agent, slide_id, session, record, hash)
    SELECT * FROM unnest(
        CAST(:writers AS text[]), CAST(:seqs AS bigint[]), CAST(:ats AS timestamptz[]), CAST(:sources AS integer[]),
        CAST(:actions AS text[]), CAST(:agents AS text[]), CAST(:slides AS text[]), CAST(:sessions AS text[]),
        CAST(:records AS text[]), CAST(:hashes AS bytea[]))
    ON CONFLICT (writer, seq, at) DO NOTHING
""")

# On, whatever the server's default: what has been acknowledged must outlive its crash.
_DURABLE = text("SELECT set_config('synchronous_commit', 'on', true)")

_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")

_LATEST = text("""
    SELECT asked.agent, asked.slide, found.session, found.record
    FROM unnest(CAST(:agents AS text[]), CAST(:slides AS text[])) AS asked(agent, slide)
    CROSS JOIN LATERAL (
        SELECT session, record FROM audit
        WHERE audit.agent = asked.agent AND audit.slide_id = asked.slide AND audit.at >= :since
            AND audit.source_id = :source AND audit.session IS NOT NULL
        ORDER BY audit.at DESC LIMIT 20
    ) AS found
""")

# The last ones of all too: after a long pause nobody has written lately.
_HEADS = text("""
    WITH lately AS (
        SELECT writer, seq FROM audit WHERE at >= :since
        UNION ALL (SELECT writer, seq FROM audit ORDER BY at DESC LIMIT 1000)
    ), heads AS (
        SELECT writer, max(seq) AS seq FROM lately GROUP BY writer
    )
    SELECT heads.writer, heads.seq, audit.hash
    FROM heads JOIN audit USING (writer, seq)
    ORDER BY audit.at DESC LIMIT :limit
""")

_LOG_ID = text("SELECT id FROM audit_log")
_CLOCK = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row, as its writer made it."""

    writer: str
    seq: int
    """From 1, without gaps."""
    at: datetime
    source_id: int | None
    action: str
    agent: str
    """Kind and id of who did it."""
    slide_id: str | None
    session: str | None
    record: str
    """Canonical JSON; all the columns but ``hash`` say what it says."""
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a writer."""

    writer: str
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A row of a viewing session that may still be open."""

    session: str
    record: str


SessionKey = tuple[str, str]
"""Agent and slide id."""


class AuditTransaction:
    """Within one transaction."""

    def __init__(self, connection: AsyncConnection, source_id: int | None) -> None:
        self._connection = connection
        self._source_id = source_id

    async def sessions(self, keys: Sequence[SessionKey], since: datetime) -> Mapping[SessionKey, Sequence[SessionRow]]:
        """Rows since then of the sessions of callers with slides, latest first. Until the transaction ends nobody else
        gets an answer for them, so that two who begin at once find each other."""
        keys = sorted(set(keys))
        locks = sorted(_lock_key(self._source_id, key) for key in keys)
        await self._connection.execute(_LOCK, {"keys": locks})
        values = {
            "agents": [agent for agent, _ in keys],
            "slides": [slide for _, slide in keys],
            "since": since,
            "source": self._source_id,
        }
        found: dict[SessionKey, list[SessionRow]] = {key: [] for key in keys}
        for row in await self._connection.execute(_LATEST, values):
            found[row.agent, row.slide].append(SessionRow(row.session, row.record))
        return found

    async def insert(self, rows: Sequence[AuditRow]) -> None:
        """Add rows; those that are there already stay as they are."""
        await insert_rows(self._connection, rows)


class AuditQueries:
    """For the writers of one source."""

    def __init__(self, database: Database, source_id: int | None) -> None:
        self._database = database
        self._source_id = source_id

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AuditTransaction]:
        """What is written in it is on disk once it ends.

        Raises:
            CatalogUnavailable: Postgres can't be reached, or refuses; it may have been written all the same.
        """
        async with self._database.transaction() as connection:
            await connection.execute(_DURABLE)
            yield AuditTransaction(connection, self._source_id)

    async def log_id(self) -> str:
        """What tells this database's log from others.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        return str((await self._database.rows(_LOG_ID))[0].id)

    async def heads(self, now: datetime, *, limit: int = 200) -> list[Head]:
        """The last rows of writers seen lately, of all sources.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        values = {"since": now - timedelta(days=HEADS_DAYS), "limit": limit}
        return [Head(row.writer, row.seq, row.hash) for row in await self._database.rows(_HEADS, values)]

    async def clock(self) -> datetime:
        """What time it is for Postgres.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        found: datetime = (await self._database.rows(_CLOCK))[0][0]
        return found


async def insert_rows(connection: AsyncConnection, rows: Sequence[AuditRow]) -> None:
    """Add rows; those that are there already stay as they are."""
    values = {
        "writers": [row.writer for row in rows],
        "seqs": [row.seq for row in rows],
        "ats": [row.at for row in rows],
        "sources": [row.source_id for row in rows],
        "actions": [row.action for row in rows],
        "agents": [row.agent for row in rows],
        "slides": [row.slide_id for row in rows],
        "sessions": [row.session for row in rows],
        "records": [row.record for row in rows],
        "hashes": [row.hash for row in rows],
    }
    await connection.execute(_INSERT, values)


def _lock_key(source_id: int | None, key: SessionKey) -> int:
    digest = blake2b(f"audit {source_id} {key[0]} {key[1]}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
