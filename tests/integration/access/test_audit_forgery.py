"""What a service that was taken over may do by the services' database user: less than it would like, and it shows."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from tests.support.audit import ANNA, Clock, auditing
from wsi_streamer.access.audit.chain import MAX_RECORD, Chain, Link
from wsi_streamer.access.audit.records import Agent, Record
from wsi_streamer.access.audit.verify import verify
from wsi_streamer.catalog.audit import AuditRow
from wsi_streamer.catalog.database import Database, connect_arguments
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.roles import current_user

_INSERT = """
    INSERT INTO audit (writer, seq, at, stored_at, source_id, action, agent, slide_id, session, record, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
AGENT = Agent(kind="identity", id="https://idp|anna")
SERVICE = Agent(kind="service", id="tiles")


class Intruder:
    """On a connection of the services' user."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.connection = connection

    async def insert(self, row: AuditRow, stored_at: datetime | None = None) -> None:
        stored_at = stored_at or row.at
        values = (
            row.writer,
            row.seq,
            row.at,
            stored_at,
            row.source_id,
            row.action,
            row.agent,
            row.slide_id,
            row.session,
        )
        await self.connection.execute(_INSERT, *values, row.record, row.hash)


@pytest.fixture
async def intruder(database: Database, service_url: str) -> AsyncIterator[Intruder]:
    service = await Database.connect(service_url)
    await migrate(database, service=await current_user(service))
    await service.aclose()
    connection = await asyncpg.connect(**connect_arguments(service_url))
    yield Intruder(connection)
    await connection.close()


async def honest(database: Database, folder: Path, now: float | None = None) -> tuple[str, Link]:
    """A writer that has ended, and where."""
    async with auditing(database, folder, Clock(now or time.time())) as audit:
        await audit.act("act", ANNA, "")
    rows = await database.rows(
        text("SELECT writer, seq, hash, at FROM audit ORDER BY stored_at DESC, seq DESC LIMIT 1")
    )
    return rows[0].writer, Link(rows[0].seq, rows[0].hash, rows[0].at.timestamp())


async def test_when_a_row_was_stored_is_not_for_its_writer_to_say(
    database: Database, intruder: Intruder, tmp_path: Path
) -> None:
    await honest(database, tmp_path)
    then = datetime.now(UTC) - timedelta(days=9)
    chain = Chain("tiles", 1)
    for i in range(3):
        row = chain.append(Record(action="view", agent=AGENT, slide_id="s-1"), then.timestamp() + i)
        await intruder.insert(row, then)
    stored = await database.rows(text("SELECT now() - min(stored_at) < interval '1 minute' FROM audit"))
    assert stored[0][0]
    report = await verify(database)
    assert report.faults == []
    (late,) = report.late
    assert (late.writer, late.records) == (chain.writer, 3)
    assert late.first.startswith(f"{then:%Y-%m-%dT%H:%M:%S}")


def forged(action: str = "view", at: float | None = None, **detail: object) -> AuditRow:
    return Chain("tiles", 1).append(Record(action=action, agent=AGENT, detail=detail), at or time.time())


def changed(row: AuditRow, **values: Any) -> AuditRow:
    return replace(row, **values)


def deep(levels: int) -> str:
    return '{"writer":"w","seq":1,"action":"view","x":' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (forged(at=time.time() + 3600), "no such time"),
        (forged(at=1), "no such time"),
        (changed(forged(), record=deep(20), writer="w"), "too deep"),
        (changed(forged(), record="[" * 20_000), "json|stack"),
        (changed(forged(), record=deep(100_000), writer="w"), "too long"),
        (changed(forged(), record='{"writer":"w","seq":1,"action":"view","x":"' + "x" * MAX_RECORD + '"}'), "too long"),
        (changed(forged(), record="{}"), "columns"),
        (changed(forged(), action="prune"), "columns"),
        (forged("prune", anchors_digest="ab"), "only the owner"),
    ],
)
async def test_rows_that_can_not_be_true_are_refused(intruder: Intruder, row: AuditRow, why: str) -> None:
    with pytest.raises(asyncpg.PostgresError, match=why):
        await intruder.insert(row, datetime.now(UTC))
    await intruder.insert(forged())


async def test_a_record_with_too_many_details_leaves_them_out_and_is_stored(database: Database, tmp_path: Path) -> None:
    async with auditing(database, tmp_path, Clock(time.time())) as audit:
        await audit.act("act", ANNA, "", key="\x01" * 2000, detail={str(i) + '"' * 190: '"' * 1000 for i in range(40)})
    rows = await database.rows(text("SELECT length(record) AS length FROM audit WHERE action = 'act'"))
    assert rows[0].length < MAX_RECORD
    assert (await verify(database)).faults == []


async def test_what_is_written_behind_a_writers_end_is_found(
    database: Database, intruder: Intruder, tmp_path: Path
) -> None:
    writer, end = await honest(database, tmp_path)
    chain = Chain("tiles", 1, writer)
    chain.end = end
    await intruder.insert(chain.append(Record(action="denial", agent=AGENT), time.time()))
    faults = (await verify(database)).faults
    assert [(fault.writer, fault.kind, fault.seq) for fault in faults] == [(writer, "added", end.seq + 1)]


async def test_who_tells_false_things_of_others_is_found_and_the_others_are_not_accused(
    database: Database, intruder: Intruder, tmp_path: Path
) -> None:
    writer, end = await honest(database, tmp_path)
    chain = Chain("tiles", 1)
    heads = [[writer, end.seq + 100, "00" * 32], [["x"], 1, "00"], "a", 5]
    await intruder.insert(chain.append(Record(action="service-start", agent=SERVICE, detail={"heads": heads}), 1e9))
    assert (await verify(database)).faults == [], "one that can't be read says nothing"
    detail = {"heads": heads[:1]}
    await intruder.insert(chain.append(Record(action="checkpoint", agent=SERVICE, detail=detail), time.time()))
    faults = (await verify(database)).faults
    assert [(fault.writer, fault.kind, fault.seq) for fault in faults] == [(chain.writer, "false witness", 2)]


async def test_a_writer_that_goes_on_shows_that_its_cut_was_made_up(
    database: Database, intruder: Intruder, tmp_path: Path
) -> None:
    chain, liar = Chain("tiles", 1), Chain("tiles", 1)
    await intruder.insert(chain.append(Record(action="service-start", agent=SERVICE), time.time()))
    detail = {"heads": [[chain.writer, 100, "00" * 32]]}
    await intruder.insert(liar.append(Record(action="checkpoint", agent=SERVICE, detail=detail), time.time()))
    (fault,) = (await verify(database)).faults
    assert (fault.writer, fault.kind) == (chain.writer, "cut off")
    assert liar.writer in fault.what, "as long as nobody can tell, it says who tells so"
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("UPDATE audit SET stored_at = stored_at - interval '2 minutes'"))
    await intruder.insert(chain.append(Record(action="act", agent=SERVICE), time.time()))
    assert [(fault.writer, fault.kind) for fault in (await verify(database)).faults] == [(liar.writer, "false witness")]


@pytest.mark.parametrize("record", ["[" * 200_000, '{"a":' * 5000, '{"agent": {"kind": "x"}, "seq": 1e999}', "null"])
async def test_no_text_ends_verify(database: Database, tmp_path: Path, record: str) -> None:
    """As one may have stored before there was a trigger."""
    await honest(database, tmp_path)
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(
            text(
                "INSERT INTO audit (writer, seq, at, action, agent, record, hash) "
                "VALUES ('zz', 1, now(), 'service-start', 'x:y', :record, 'a')"
            ),
            {"record": record},
        )
    report = await verify(database)
    assert [(fault.writer, fault.kind) for fault in report.faults] == [("zz", "changed")]
    assert report.writers == 2


async def test_rows_stored_in_an_order_that_can_not_be_are_found(database: Database, tmp_path: Path) -> None:
    await honest(database, tmp_path)
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("UPDATE audit SET stored_at = stored_at - interval '1 hour' WHERE seq = 2"))
    assert [(fault.kind, fault.seq) for fault in (await verify(database)).faults] == [("reordered", 2)]


@pytest.mark.parametrize(
    "change",
    ["revoked_at = NULL", "revoked_at = NULL, revoked_by = NULL", "expires_at = now() + interval '10 years'",
     "revoked_by = 'somebody else'", "prefix = ''"],
)  # fmt: skip
async def test_a_revoked_grant_stays_revoked(database: Database, intruder: Intruder, change: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("INSERT INTO sources (endpoint, bucket, prefix) VALUES ('e', 'b', '')"))
        for name in ("g-1", "g-2"):
            await connection.execute(
                text(
                    "INSERT INTO grants (id, source_id, prefix, permissions, networks, created_by, expires_at) "
                    "SELECT :id, id, 'case/', '{}', '{}', 'x', now() + interval '1 day' FROM sources LIMIT 1"
                ),
                {"id": name},
            )
    await intruder.connection.execute("UPDATE grants SET revoked_at = 'infinity', revoked_by = 'x' WHERE id = 'g-1'")
    assert await intruder.connection.fetchval("SELECT revoked_at <= now() FROM grants WHERE id = 'g-1'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await intruder.connection.execute(f"UPDATE grants SET {change} WHERE id = 'g-1'")
    if not change.startswith("revoked"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await intruder.connection.execute(f"UPDATE grants SET {change} WHERE id = 'g-2'")
    with pytest.raises(Exception, match="its user may not do this"):  # nor does the owner, by a plain statement
        async with database.transaction() as connection:
            await connection.execute(text(f"UPDATE grants SET {change} WHERE id = 'g-1'"))
