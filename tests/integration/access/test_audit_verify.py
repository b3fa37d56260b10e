"""Tampering of each kind is found, by whoever can write anything; retention leaves a log that holds."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.audit import ANNA, Clock, auditing
from wsi_streamer.access.audit.chain import FIRST, link_hash
from wsi_streamer.access.audit.prune import prune
from wsi_streamer.access.audit.verify import verify
from wsi_streamer.catalog.audit_months import Month
from wsi_streamer.catalog.database import Database

MONTH = 31 * 86400


async def tamper(database: Database, *statements: str) -> None:
    """As one who may do anything, and knows how to get round triggers."""
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement))


async def two_writers(database: Database, folder: Path) -> str:
    """The first writer: it has written 7 records, and the second has seen them."""
    clock = Clock(time.time())
    async with auditing(database, folder, clock) as audit:
        for i in range(5):
            await audit.act(f"act-{i}", ANNA, "192.0.2.1")
    async with auditing(database, folder, clock):
        pass
    rows = await database.rows(text("SELECT writer FROM audit WHERE action = 'act-1'"))
    return str(rows[0].writer)


async def test_an_untouched_log_is_whole(database: Database, tmp_path: Path) -> None:
    await two_writers(database, tmp_path)
    report = await verify(database)
    assert (report.faults, report.records, report.writers) == ([], 9, 2)


@pytest.mark.parametrize(
    ("statements", "kind", "seq"),
    [
        (["UPDATE audit SET record = replace(record, 'anna', 'ben') WHERE action = 'act-1'"], "changed", 3),
        (["UPDATE audit SET agent = 'identity:ben' WHERE action = 'act-1'"], "changed", 3),
        (["UPDATE audit SET slide_id = 's-9' WHERE action = 'act-1'"], "changed", 3),
        (["UPDATE audit SET at = at - interval '1 second' WHERE action = 'act-1'"], "changed", 3),
        (["UPDATE audit SET record = '{}' WHERE action = 'act-1'"], "changed", 3),
        (["DELETE FROM audit WHERE action = 'act-1'"], "missing", 3),
        (["DELETE FROM audit WHERE action = 'service-start' AND writer = '{w}'"], "missing", 1),
        (["DELETE FROM audit WHERE writer = '{w}' AND seq >= 6"], "cut off", 6),
        (["DELETE FROM audit WHERE writer = '{w}'"], "cut off", 1),
        (
            ["UPDATE audit SET seq = 1003 WHERE action = 'act-1'", "UPDATE audit SET seq = 3 WHERE action = 'act-2'",
             "UPDATE audit SET seq = 4 WHERE action = 'act-1'"],
            "reordered", 3,
        ),
        (
            [("INSERT INTO audit (writer, seq, at, action, agent, record, hash) "
             "SELECT writer, seq, at + interval '1 second', action, agent, record, hash FROM audit WHERE action = 'act-1'")],
            "reordered", 3,
        ),
        (
            ["INSERT INTO audit_anchors SELECT '2020-01-01', writer, 3, hash, 3, at, at, now() FROM audit WHERE action = 'act-1'",
             "DELETE FROM audit WHERE writer = '{w}' AND seq <= 3"],
            "forged anchor", 0,
        ),
    ],
)  # fmt: skip
async def test_tampering_is_found(
    database: Database, tmp_path: Path, statements: list[str], kind: str, seq: int
) -> None:
    writer = await two_writers(database, tmp_path)
    await tamper(database, *(statement.replace("{w}", writer) for statement in statements))
    report = await verify(database)
    assert [(fault.kind, fault.seq) for fault in report.faults] == [(kind, seq)]
    assert report.faults[0].writer in (writer, "")


async def test_a_chain_made_anew_is_not_what_others_have_seen(database: Database, tmp_path: Path) -> None:
    writer = await two_writers(database, tmp_path)
    rows = await database.rows(text("SELECT seq, record FROM audit WHERE writer = :w ORDER BY seq"), {"w": writer})
    statements, previous = [], FIRST
    for row in rows:
        record = row.record.replace("anna", "ben")
        previous = link_hash(previous, record)
        statements.append(
            f"UPDATE audit SET record = replace(record, 'anna', 'ben'), agent = replace(agent, 'anna', 'ben'), "
            f"hash = '\\x{previous.hex()}' WHERE writer = '{writer}' AND seq = {row.seq}"
        )
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await connection.exec_driver_sql(statement)
    report = await verify(database)
    assert [(fault.kind, fault.writer) for fault in report.faults] == [("changed", writer)]


async def test_old_months_are_dropped_and_the_rest_still_holds(database: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    clock = Clock(now.timestamp() - 3 * MONTH)
    async with auditing(database, tmp_path, clock) as audit:  # rows of months that have no table: the default's
        for _ in range(4):
            await audit.act("act", ANNA, "")
            clock.now += MONTH - 3600
        clock.now = now.timestamp()
    rows = await database.rows(text("SELECT count(*) FROM audit_default"))
    assert rows[0][0] >= 3
    stored = text("SELECT seq, stored_at FROM audit WHERE at >= :since ORDER BY seq")
    kept = {"since": Month.of(now).plus(-1).begins}
    before = await database.rows(stored, kept)
    dropped = await prune(database, 1, now, by="test")
    assert sum(found.records for found in dropped) == 3
    assert all(found.month < Month.of(now).plus(-1) for found in dropped)
    assert (await database.rows(text("SELECT count(*) FROM audit_default")))[0][0] == 0
    after = await database.rows(stored, kept)
    assert before, "and those that moved to a table of their own came when they came"
    assert set(before) < set(after)
    off = text("SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_stored' AND tgenabled <> 'O'")
    assert (await database.rows(off))[0][0] == 0
    report = await verify(database)
    assert (report.faults, report.anchors) == ([], len(dropped))
    assert await prune(database, 1, now, by="test") == []
    async with auditing(database, tmp_path, clock):
        pass
    assert (await verify(database)).faults == []
    await tamper(database, "UPDATE audit_anchors SET hash = sha256('x')")
    assert "forged anchor" in {fault.kind for fault in (await verify(database)).faults}
    await tamper(database, "DELETE FROM audit_anchors")
    assert {fault.kind for fault in (await verify(database)).faults} == {"forged anchor", "missing"}
