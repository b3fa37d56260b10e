"""A log that is cut off as a whole, by its owner: only what was kept elsewhere shows it, and it does."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from tests.support.audit import ANNA, Clock, auditing
from wsi_streamer.access.audit import audit as module
from wsi_streamer.access.audit.prune import prune
from wsi_streamer.access.audit.verify import verify
from wsi_streamer.access.audit.witnesses import HEAD_EVENT, kept_heads
from wsi_streamer.catalog.audit import Head
from wsi_streamer.catalog.database import Database

MONTH = 31 * 86400


async def as_owner(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(statement))


async def written(database: Database, folder: Path, clock: Clock) -> list[dict[str, Any]]:
    """Three writers; returns what they have said in their own logs."""
    with structlog.testing.capture_logs() as lines:
        for name in ("one", "two", "three"):
            async with auditing(database, folder, clock) as audit:
                for i in range(6):
                    await audit.act(f"{name}-{i}", ANNA, "192.0.2.1")
    return [dict(line) for line in lines if line["event"] == HEAD_EVENT]


@pytest.fixture(params=["report", "log"])
async def kept(
    request: pytest.FixtureRequest, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> list[Head]:
    folder = tmp_path_factory.mktemp("kept")
    said = await written(database, folder / "spool", Clock(time.time()))
    report = json.dumps(asdict(await verify(database)))
    file = folder / "file"
    file.write_text(report if request.param == "report" else "".join(f"{json.dumps(line)}\n" for line in said))
    return kept_heads(file)


async def test_the_log_as_it_was_agrees(database: Database, kept: list[Head]) -> None:
    report = await verify(database, kept)
    assert (report.faults, report.against) == ([], len(kept))


@pytest.mark.parametrize(
    ("statement", "writers"),
    [
        ("DELETE FROM audit WHERE seq > 3", 3),
        ("DELETE FROM audit WHERE writer = (SELECT writer FROM audit ORDER BY at DESC, writer LIMIT 1)", 1),
        ("DELETE FROM audit", 3),
    ],
)
async def test_what_was_cut_off_is_found(
    database: Database, kept: list[Head], statement: str, writers: int, tmp_path: Path
) -> None:
    await as_owner(database, statement)
    faults = (await verify(database, kept)).faults
    assert [fault.kind for fault in faults] == ["cut off"] * writers
    assert all("kept elsewhere" in fault.what for fault in faults)


async def test_without_them_an_emptied_log_looks_whole(database: Database, tmp_path: Path) -> None:
    """Why operators should keep some."""
    await written(database, tmp_path, Clock(time.time()))
    await as_owner(database, "DELETE FROM audit")
    assert (await verify(database)).faults == []


async def test_a_chain_with_another_hash_is_found(database: Database, kept: list[Head]) -> None:
    head = kept[-1]
    faults = (await verify(database, [*kept, Head(head.writer, head.seq, bytes(32))])).faults
    assert [(fault.writer, fault.kind, fault.seq) for fault in faults] == [(head.writer, "changed", head.seq)]


async def test_what_retention_has_dropped_is_not_missed(database: Database, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    await written(database, tmp_path, Clock(now.timestamp() - 3 * MONTH))
    before = [Head(w, seq, bytes.fromhex(h)) for w, (seq, h) in (await verify(database)).heads.items()]
    assert len(await prune(database, 1, now, by="test")) == 1
    assert (await verify(database, before)).faults == []
    head = before[0]
    wrong = Head(head.writer, head.seq, bytes(32))
    assert [fault.kind for fault in (await verify(database, [wrong])).faults] == ["forged anchor"]
    further = Head(head.writer, head.seq + 1, bytes(32))
    assert [fault.kind for fault in (await verify(database, [further])).faults] == ["cut off"]


async def test_heads_are_told_at_the_start_hourly_where_something_was_written_and_at_the_end(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(module, "CLOCK_SECONDS", 1e9)  # the clock is off, and would be recorded each hour
    clock = Clock(time.time() - 9 * 3600)
    with structlog.testing.capture_logs() as lines:

        def told() -> list[int]:
            return [line["seq"] for line in lines if line["event"] == HEAD_EVENT]

        async with auditing(database, tmp_path, clock) as audit:
            await audit.act("act", ANNA, "")
            await _swept(audit)
            assert told() == [1]
            clock.now += 3600
            await _swept(audit)
            assert told() == [1, 2]
            clock.now += 3600
            await _swept(audit)
            assert told() == [1, 2], "nothing was written since"
        assert told() == [1, 2, 3]
    line = next(line for line in lines if line["event"] == HEAD_EVENT)
    assert set(line) == {"event", "log_level", "writer", "seq", "hash"}
    rows = await database.rows(text("SELECT hash FROM audit WHERE seq = 1"))
    assert line["hash"] == rows[0].hash.hex()


async def _swept(audit: Any) -> None:
    """Until upkeep has run twice."""
    for _ in range(2):
        done = asyncio.Event()
        sweep = audit._viewings.sweep

        async def swept(sweep: Any = sweep, done: asyncio.Event = done) -> None:
            await sweep()
            done.set()

        audit._viewings.sweep = swept
        await asyncio.wait_for(done.wait(), 10)
        audit._viewings.sweep = sweep
