"""Comparing what the bucket lists with what the catalog holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.stored_text import AFTER_ALL_KEYS, is_clean
from wsi_streamer.slides.ids import new_slide_id
from wsi_streamer.slides.keys import is_slide_key
from wsi_streamer.slides.slide import StoredObject

_ARCHIVED_CLASSES = ("GLACIER", "DEEP_ARCHIVE")

ANALYZE_AFTER = 1_000
"""Objects written before the tables' statistics are renewed; then after four times as many, and so on."""

# One row an object that is listed or known in the page's range of keys, whichever side it is missing on.
_COMPARE = text("""
    WITH listed AS (
        SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:etags AS text[]), CAST(:sizes AS bigint[]),
                             CAST(:classes AS text[])) AS t (key, etag, size, storage_class)
    ), known AS (
        SELECT key, etag, size, storage_class, slide_id FROM objects
        WHERE source_id = :source AND key > :after AND key <= :until
        UNION
        SELECT key, etag, size, storage_class, slide_id FROM objects WHERE source_id = :source AND key = ANY(:keys)
    )
    SELECT COALESCE(listed.key, known.key) AS key, known.slide_id, listed.key IS NULL AS missing,
           known.slide_id IS NULL AS is_new, s.vanished_at IS NOT NULL AS was_vanished,
           known.etag IS DISTINCT FROM listed.etag OR known.size <> listed.size
               OR known.storage_class IS DISTINCT FROM listed.storage_class AS differs
    FROM listed FULL JOIN known ON known.key = listed.key COLLATE "C" LEFT JOIN slides s ON s.id = known.slide_id
    WHERE known.slide_id IS NULL OR (listed.key IS NULL AND s.vanished_at IS NULL) OR (listed.key IS NOT NULL AND (
          known.etag <> listed.etag OR known.size <> listed.size OR known.storage_class <> listed.storage_class
          OR s.missed_scans > 0 OR s.vanished_at IS NOT NULL))
    ORDER BY 1
""")

# In the order of the keys, so that two writers of the same ones wait for each other and can't lock each other out.
_UPSERT = text("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:keys AS text[]), CAST(:etags AS text[]), CAST(:sizes AS bigint[]),
                             CAST(:modified AS timestamptz[]), CAST(:classes AS text[]), CAST(:statuses AS text[]),
                             CAST(:errors AS text[]))
        AS t (id, key, etag, size, last_modified, storage_class, status, error)
    ), slide AS (
        INSERT INTO slides (id, source_id, key, etag, size, last_modified, status, error)
        SELECT id, :source, key, etag, size, last_modified, status, error FROM wanted ORDER BY key COLLATE "C"
        ON CONFLICT (source_id, key) DO UPDATE
        SET etag = excluded.etag, size = excluded.size, last_modified = excluded.last_modified, missed_scans = 0,
            vanished_at = NULL, changed_xid = pg_current_xact_id(),
            status = CASE WHEN slides.etag = excluded.etag AND 'archived' NOT IN (slides.status, excluded.status)
                          THEN slides.status ELSE excluded.status END,
            error = CASE WHEN slides.etag = excluded.etag AND 'archived' NOT IN (slides.status, excluded.status)
                         THEN slides.error ELSE excluded.error END
        RETURNING id, key
    ), object AS (
        INSERT INTO objects (source_id, key, slide_id, etag, size, last_modified, storage_class)
        SELECT :source, w.key, s.id, w.etag, w.size, w.last_modified, w.storage_class
        FROM wanted w JOIN slide s ON s.key = w.key COLLATE "C" ORDER BY s.key
        ON CONFLICT (source_id, key) DO UPDATE
        SET etag = excluded.etag, size = excluded.size, last_modified = excluded.last_modified,
            storage_class = excluded.storage_class
    )
    SELECT id, pg_notify('wsi_slides', concat(CAST(:source AS integer), ':', id)) FROM slide
""")

_AS_KNOWN = text("""
    SELECT s.id FROM objects o JOIN slides s ON s.id = o.slide_id
    WHERE o.source_id = :source AND o.key = :key AND o.etag = :etag AND o.size = :size AND o.storage_class = :class
    AND s.vanished_at IS NULL AND s.missed_scans = 0
""")

_SEEN_AGAIN = text("UPDATE slides SET missed_scans = 0 WHERE id = ANY(:ids) AND missed_scans > 0")
_NOTIFY = text("SELECT pg_notify('wsi_slides', :payload)")

_MISSED = text("UPDATE slides SET missed_scans = missed_scans + 1 WHERE id = ANY(:ids) AND vanished_at IS NULL")
_DUE = text("""
    SELECT id FROM slides WHERE source_id = :source AND id = ANY(:ids) AND vanished_at IS NULL
    AND (missed_scans >= :grace OR :force)
""")
_LIVE = text("SELECT count(*) FROM slides WHERE source_id = :source AND vanished_at IS NULL")
_VANISH = text("""
    UPDATE slides SET vanished_at = now(), changed_xid = pg_current_xact_id() WHERE id = ANY(:ids)
""")


# However many viewers ask between two scans, it is one miss.
@dataclass(frozen=True, slots=True)
class PageResult:
    """How a page of the listing differs from the catalog."""

    new: list[str] = field(default_factory=list)
    """Keys to index."""

    changed: list[str] = field(default_factory=list)
    """Keys to index anew, slides that had vanished among them."""

    missing: dict[str, str] = field(default_factory=dict)
    """Slides that are known in the page's range of keys but not listed: ids by key."""


@dataclass(frozen=True, slots=True)
class VanishResult:
    """What became of missing slides."""

    marked: int
    held_back: int


class ObjectQueries:
    """Writes of a scan, an event or a HEAD."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source = source_id
        self._written = 0
        self._analyze_at = ANALYZE_AFTER

    async def reconcile(self, listed: Sequence[StoredObject], *, after: str, until: str | None) -> PageResult:
        """Bring the catalog to what a page lists, in one transaction. An unchanged object costs no write.

        Args:
            listed: all objects with keys behind ``after`` up to and including ``until`` (None: to the end).
        """
        listed = [stored for stored in listed if is_clean(stored.key)]
        by_key = {stored.key: stored for stored in listed}
        values = {
            "source": self._source,
            "keys": [stored.key for stored in listed],
            "etags": [stored.etag for stored in listed],
            "sizes": [stored.size for stored in listed],
            "classes": [stored.storage_class for stored in listed],
            "after": after,
            "until": AFTER_ALL_KEYS if until is None else until,
        }
        result = PageResult()
        differing: list[StoredObject] = []
        seen_again: list[str] = []
        async with self._database.transaction() as connection:
            for row in (await connection.execute(_COMPARE, values)).all():
                if row.missing:
                    result.missing[row.key] = row.slide_id
                elif row.is_new and not is_slide_key(row.key):
                    continue
                elif row.is_new or row.differs or row.was_vanished:
                    stored = by_key[row.key]
                    differing.append(stored)
                    if not is_archived(stored):
                        (result.new if row.is_new else result.changed).append(row.key)
                else:
                    seen_again.append(row.slide_id)
            if differing:
                await self._upsert(connection, differing)
            if seen_again:
                await connection.execute(_SEEN_AGAIN, {"ids": seen_again})
        self._written += len(differing)
        if self._written >= self._analyze_at:
            self._analyze_at = 4 * self._written
            await self._database.analyze("slides", "objects", "jobs")
        return result

    async def observe(self, stored: StoredObject) -> str:
        """One object as a HEAD shows it, of any name; returns the slide's id. Nothing is written where it is as known."""
        values = {
            "source": self._source,
            "key": stored.key,
            "etag": stored.etag,
            "size": stored.size,
            "class": stored.storage_class,
        }
        known = await self._database.rows(_AS_KNOWN, values)
        if known:
            return str(known[0].id)
        async with self._database.transaction() as connection:
            return await self._upsert(connection, [stored])

    async def mark_vanished(self, missing: Sequence[str], *, grace: int, force: bool = False) -> VanishResult:
        """After a complete scan: count the miss, and mark what ``grace`` scans in a row have missed.

        More than half of all slides at once are held back, since a wrong prefix or a half-restored bucket looks the
        same. ``force`` marks everything that is missing now.
        """
        async with self._database.transaction() as connection:
            await connection.execute(_MISSED, {"ids": list(missing)})
            values = {"source": self._source, "ids": list(missing), "grace": grace, "force": force}
            due = list((await connection.execute(_DUE, values)).scalars())
            if not due:
                return VanishResult(0, 0)
            live = (await connection.execute(_LIVE, {"source": self._source})).scalar_one()
            if not force and len(due) * 2 > live:
                return VanishResult(0, len(due))
            await connection.execute(_VANISH, {"ids": due})
            await connection.execute(_NOTIFY, {"payload": f"{self._source}:"})
        return VanishResult(len(due), 0)

    async def _upsert(self, connection: AsyncConnection, objects: Sequence[StoredObject]) -> str:
        """Write objects that differ, all in one statement; returns the last one's slide id."""
        archived = [is_archived(stored) for stored in objects]
        values = {
            "source": self._source,
            "ids": [new_slide_id() for _ in objects],
            "keys": [stored.key for stored in objects],
            "etags": [stored.etag for stored in objects],
            "sizes": [stored.size for stored in objects],
            "modified": [stored.last_modified for stored in objects],
            "classes": [stored.storage_class for stored in objects],
            "statuses": ["archived" if yes else "pending" for yes in archived],
            "errors": [
                f"The object is archived ({stored.storage_class}); restore it first." if yes else None
                for stored, yes in zip(objects, archived, strict=True)
            ],
        }
        return str((await connection.execute(_UPSERT, values)).all()[-1].id)


def is_archived(stored: StoredObject) -> bool:
    """Whether an object can't be read at once."""
    return stored.storage_class in _ARCHIVED_CLASSES
