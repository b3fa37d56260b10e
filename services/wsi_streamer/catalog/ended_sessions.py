"""Sessions that were ended before their time, as they are stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from wsi_streamer.catalog.database import Database

_INSERT = text("INSERT INTO ended_sessions (sid, ends) VALUES (:sid, :ends) ON CONFLICT DO NOTHING")
_GET = text("SELECT 1 FROM ended_sessions WHERE sid = :sid")
_DELETE = text("DELETE FROM ended_sessions WHERE ends < now()")
_NOTIFY = text("SELECT pg_notify('wsi_sessions', :sid)")


class EndedSessionQueries:
    """Of all sources: a session's id is random."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, sid: str, ends: datetime) -> None:
        """Store one until ``ends``, from when on it could not be renewed anyway, and tell all workers. Rows whose time has
        come go at the same time.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        async with self._database.transaction() as connection:
            await connection.execute(_DELETE)
            await connection.execute(_INSERT, {"sid": sid, "ends": ends})
            await connection.execute(_NOTIFY, {"sid": sid})

    async def has(self, sid: str) -> bool:
        """Whether one was ended.

        Raises:
            CatalogUnavailable: Postgres can't be reached.
        """
        return bool(await self._database.rows(_GET, {"sid": sid}))
