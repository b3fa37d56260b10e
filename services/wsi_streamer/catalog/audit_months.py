"""The months of the audit log: a table each, made ahead of time, dropped when they are old enough. By the owner alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.slides.errors import CatalogUnavailable

MONTHS_AHEAD = 13

SCHEMA_LOCK = 0x7769_5354
"""Advisory lock that keeps two from changing tables at once."""

_OWNS = text("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('audit')")
_EXISTING = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit'::regclass")
_IN_DEFAULT = text("""
    SELECT DISTINCT CAST(date_trunc('month', at AT TIME ZONE 'UTC') AS date) FROM audit_default ORDER BY 1
""")
_STORED_TRIGGER = text(
    "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgname = 'audit_stored')"
)
_ANCHOR = text("""
    INSERT INTO audit_anchors (month, writer, seq, hash, records, first_at, last_at, dropped_at)
    SELECT :month, last.writer, last.seq, last.hash, counted.records, counted.first_at, counted.last_at, :now
    FROM (
        SELECT writer, count(*) AS records, max(seq) AS seq, min(at) AS first_at, max(at) AS last_at
        FROM audit WHERE at >= :since AND at < :until GROUP BY writer
    ) AS counted
    JOIN audit AS last ON last.writer = counted.writer AND last.seq = counted.seq AND last.at >= :since AND last.at < :until
    RETURNING records
""")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, in UTC."""

    year: int
    number: int
    """1 to 12."""

    @classmethod
    def of(cls, moment: date) -> Month:
        """The month of a day, or of a time in UTC."""
        return cls(moment.year, moment.month)

    def plus(self, months: int) -> Month:
        """So many months later."""
        years, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, index + 1)

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def table(self) -> str:
        """Its partition."""
        return f"audit_{self.year:04}_{self.number:02}"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A month that is gone."""

    month: Month
    records: int
    writers: int


async def owns_log(connection: AsyncConnection) -> bool:
    """Whether the connection's user may make and drop months."""
    return bool((await connection.execute(_OWNS)).scalar_one_or_none())


async def only_owner(connection: AsyncConnection) -> None:
    """Check that the user may drop months, and that nobody else drops or migrates until the transaction ends.

    Raises:
        CatalogUnavailable: it does not own the log; the message says what to do.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SCHEMA_LOCK})
    if not await owns_log(connection):
        raise CatalogUnavailable(
            "This database user does not own the audit log. Give the owner's URL in WSI_DATABASE_OWNER_URL."
        )


async def make_months(connection: AsyncConnection, now: datetime) -> None:
    """This month and the next `MONTHS_AHEAD`; and those of rows for which there was none when they came."""
    existing = set((await connection.execute(_EXISTING)).scalars())
    wanted = {Month.of(now).plus(i) for i in range(MONTHS_AHEAD + 1)}
    if not any(month.table not in existing for month in wanted) and not await _in_default(connection):
        return
    # Readers of the whole log take their time; writers would queue behind this lock, so it does not wait for ever.
    await connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    await connection.exec_driver_sql("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE")
    late = await _in_default(connection)
    missing = sorted(month for month in wanted | set(late) if month.table not in existing)
    if late:
        # A row is never deleted: the rows move by moving house.
        await connection.exec_driver_sql("ALTER TABLE audit DETACH PARTITION audit_default")
        await connection.exec_driver_sql("ALTER TABLE audit_default RENAME TO audit_moving")
        await connection.exec_driver_sql(
            "CREATE TABLE audit_default (LIKE audit_moving INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        await connection.exec_driver_sql("ALTER TABLE audit ATTACH PARTITION audit_default DEFAULT")
        await _no_truncate(connection, "audit_default")
    for month in missing:
        await connection.exec_driver_sql(
            f"CREATE TABLE {month.table} PARTITION OF audit FOR VALUES FROM ('{month.begins:%Y-%m-%d}T00:00:00Z') "
            f"TO ('{month.plus(1).begins:%Y-%m-%d}T00:00:00Z')"
        )
        await _no_truncate(connection, month.table)
    if late:
        # They keep the time at which they were stored. Nobody else can add rows meanwhile: the table is locked.
        trigger = (await connection.execute(_STORED_TRIGGER)).scalar_one()
        if trigger:
            await connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_stored")
        await connection.exec_driver_sql(
            "INSERT INTO audit (writer, seq, at, stored_at, source_id, action, agent, slide_id, session, record, hash) "
            "SELECT writer, seq, at, stored_at, source_id, action, agent, slide_id, session, record, hash FROM audit_moving"
        )
        if trigger:
            await connection.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER audit_stored")
        await connection.exec_driver_sql("DROP TABLE audit_moving")


async def drop_before(connection: AsyncConnection, first_kept: Month, now: datetime) -> list[Dropped]:
    """Drop all months before one, leaving an anchor for each writer in each of them; oldest first."""
    await make_months(connection, now)
    await connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    dropped = []
    for month in _months((await connection.execute(_EXISTING)).scalars().all()):
        if month >= first_kept:
            break
        # Nobody adds to it meanwhile, or a row would go without an anchor.
        await connection.exec_driver_sql(f"LOCK TABLE audit, {month.table} IN ACCESS EXCLUSIVE MODE")
        values = {"month": month.begins.date(), "since": month.begins, "until": month.plus(1).begins, "now": now}
        anchored = (await connection.execute(_ANCHOR, values)).scalars().all()
        await connection.exec_driver_sql(f"DROP TABLE {month.table}")
        dropped.append(Dropped(month, sum(anchored), len(anchored)))
    return dropped


async def _in_default(connection: AsyncConnection) -> list[Month]:
    return [Month.of(day) for day in (await connection.execute(_IN_DEFAULT)).scalars()]


async def _no_truncate(connection: AsyncConnection, table: str) -> None:
    await connection.exec_driver_sql(
        f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION wsi_audit_refuses()"
    )


def _months(tables: Sequence[str]) -> Iterator[Month]:
    for table in sorted(table.rpartition(".")[2] for table in tables):
        parts = table.split("_")
        if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
            yield Month(int(parts[1]), int(parts[2]))
