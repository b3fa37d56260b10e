"""Scans of the bucket, as they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from wsi_streamer.catalog.database import Database

KEPT = 100

_BEGIN = text("INSERT INTO scans (source_id) VALUES (:source) RETURNING id")
_FINISH = text("""
    UPDATE scans SET finished_at = now(), listed = :listed, found = :found, changed = :changed, vanished = :vanished,
                     held_back = :held_back, error = :error
    WHERE id = :id
""")
_PRUNE = text("""
    DELETE FROM scans WHERE source_id = :source AND id < (
        SELECT id FROM scans WHERE source_id = :source ORDER BY id DESC OFFSET :kept LIMIT 1)
""")
_CLOCK = text("SELECT now() AS now")
_LAST = text("""
    SELECT id, started_at, finished_at, listed, found, changed, vanished, held_back, error
    FROM scans WHERE source_id = :source ORDER BY id DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class ScanTotals:
    """What a scan saw."""

    listed: int = 0
    """Objects of any kind."""
    found: int = 0
    """Slides not known before."""
    changed: int = 0
    vanished: int = 0
    held_back: int = 0
    """Slides that are missing but not marked, because they are more than half of all."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan, finished or under way."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    totals: ScanTotals
    error: str | None


class ScanQueries:
    """The record of scans."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source = source_id

    async def begin(self) -> int:
        """A new scan; returns its id."""
        async with self._database.transaction() as connection:
            await connection.execute(_PRUNE, {"source": self._source, "kept": KEPT})
            return int((await connection.execute(_BEGIN, {"source": self._source})).scalar_one())

    async def finish(self, scan_id: int, totals: ScanTotals, error: str | None = None) -> None:
        """The end of a scan, with the reason where it failed."""
        values = {
            "id": scan_id,
            "listed": totals.listed,
            "found": totals.found,
            "changed": totals.changed,
            "vanished": totals.vanished,
            "held_back": totals.held_back,
            "error": error,
        }
        async with self._database.transaction() as connection:
            await connection.execute(_FINISH, values)

    async def clock(self) -> datetime:
        """What time it is where scans are recorded."""
        now: datetime = (await self._database.rows(_CLOCK, {}))[0].now
        return now

    async def last(self) -> Scan | None:
        """The latest scan."""
        rows = await self._database.rows(_LAST, {"source": self._source})
        if not rows:
            return None
        row = rows[0]
        totals = ScanTotals(row.listed, row.found, row.changed, row.vanished, row.held_back)
        return Scan(row.id, row.started_at, row.finished_at, totals, row.error)
