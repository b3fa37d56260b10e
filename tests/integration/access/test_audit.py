"""The audit log on a real Postgres: what is written, and who joins whose session."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from tests.support.audit import ANNA, BEN, Clock, auditing
from tests.support.postgres import away
from wsi_streamer.access.audit.chain import FIRST, link_hash
from wsi_streamer.access.audit.denials import MAX_OF_ADDRESS
from wsi_streamer.catalog.database import Database
from wsi_streamer.telemetry.metrics import Metrics

NOW = time.time() - 7200  # the tests go on from there: Postgres takes no record of times to come


async def records(database: Database) -> list[dict[str, Any]]:
    """All records in the order of their chains."""
    rows = await database.rows(text("SELECT record FROM audit ORDER BY writer, seq"))
    return [json.loads(row.record) for row in rows]


async def test_views_acts_and_denials_stand_in_one_chain(database: Database, tmp_path: Path) -> None:
    clock = Clock(NOW)
    async with auditing(database, tmp_path, clock) as audit:
        viewing = await audit.begin_view(ANNA, "s-1", "case/1.svs", "192.0.2.1")
        assert await audit.begin_view(ANNA, "s-1", "case/1.svs", "192.0.2.2") is viewing
        viewing.tile(3, 1, 2, NOW + 1)
        viewing.tile(3, 4, 1, NOW + 2)
        viewing.picture("thumbnail", NOW + 3)
        await audit.act("grant-create", ANNA, "192.0.2.1", slide_id="s-1", detail={"grant": "g-1"})
        audit.deny(None, "192.0.2.9", "invalid_signature", slide_id="s-1", route="tiles")
        for _ in range(5):
            audit.deny(None, "192.0.2.9", "invalid_signature", slide_id="s-1", route="tiles")
    rows = await database.rows(text("SELECT * FROM audit ORDER BY seq"))
    assert [row.action for row in rows] == [
        "service-start", "view", "grant-create", "denial", "view-seen", "denial", "service-stop"
    ]  # fmt: skip
    assert [row.seq for row in rows] == list(range(1, 8))
    previous = FIRST
    for row in rows:
        assert row.hash == link_hash(previous, row.record)
        previous = row.hash
    found = await records(database)
    seen = found[4]["detail"]
    assert seen["tiles"] == {"3": {"count": 2, "x": [1, 4], "y": [1, 2]}}
    assert (seen["finest_level"], seen["pictures"]) == (3, {"thumbnail": 1})
    assert seen["addresses"] == ["192.0.2.1", "192.0.2.2"]
    assert found[5]["detail"]["repeated"] == 5
    assert rows[1].session == rows[4].session == viewing.session
    assert (found[1]["key"], found[1]["agent"]["id"]) == ("case/1.svs", "https://idp|anna")


async def test_workers_that_serve_the_same_caller_and_slide_join_one_session(
    database: Database, tmp_path: Path
) -> None:
    clock = Clock(NOW)
    async with auditing(database, tmp_path, clock) as one, auditing(database, tmp_path, clock) as two:
        both = await asyncio.gather(*(a.begin_view(ANNA, "s-1", "k", "") for a in (one, two, one, two)))
        assert len({viewing.session for viewing in both}) == 1
        assert both[0] is both[2]
        assert (await two.begin_view(BEN, "s-1", "k", "")).session != both[0].session
        assert (await two.begin_view(ANNA, "s-2", "k2", "")).session != both[0].session


async def test_a_session_ends_after_a_gap_of_half_an_hour(database: Database, tmp_path: Path) -> None:
    clock = Clock(NOW)
    async with auditing(database, tmp_path, clock) as audit:
        first = await audit.begin_view(ANNA, "s-1", "k", "")
        clock.now += 1700
        first.tile(0, 0, 0, clock.now)
        clock.now += 1700
        assert await audit.begin_view(ANNA, "s-1", "k", "") is first
        clock.now += 101
        second = await audit.begin_view(ANNA, "s-1", "k", "")
        assert first.closed
        assert second.session != first.session


async def test_a_restarted_worker_goes_on_with_the_session(database: Database, tmp_path: Path) -> None:
    clock = Clock(NOW)
    async with auditing(database, tmp_path, clock) as audit:
        first = await audit.begin_view(ANNA, "s-1", "k", "")
    clock.now += 60
    async with auditing(database, tmp_path, clock) as audit:
        assert (await audit.begin_view(ANNA, "s-1", "k", "")).session == first.session


async def test_a_flood_of_denials_fills_nothing(database: Database, tmp_path: Path) -> None:
    async with auditing(database, tmp_path, Clock(NOW)) as audit:
        for i in range(5000):
            audit.deny(None, "192.0.2.9", "forbidden", slide_id=f"s-{i}")
    denials = [r["detail"] for r in await records(database) if r["action"] == "denial"]
    assert len(denials) == MAX_OF_ADDRESS + 1
    assert [d["repeated"] for d in denials if "repeated" in d] == [5000 - MAX_OF_ADDRESS]


async def test_refusals_of_different_keys_stay_apart(database: Database, tmp_path: Path) -> None:
    async with auditing(database, tmp_path, Clock(NOW)) as audit:
        for key in ("Tanaka.svs", "Sato.svs", "Sato.svs", "x" * 60_000, "a\0b"):
            audit.deny(ANNA, "192.0.2.9", "forbidden", key=key)
    found = [(r["key"], r["detail"].get("repeated")) for r in await records(database) if r["action"] == "denial"]
    assert {("Tanaka.svs", None), ("Sato.svs", None), ("Sato.svs", 1)} <= set(found)
    assert len(found) == 5
    assert all(len(key) <= 1024 and "\0" not in key for key, _ in found)


async def test_who_reads_the_log_sees_what_goes_on_here(database: Database, tmp_path: Path) -> None:
    clock = Clock(NOW)
    async with auditing(database, tmp_path, clock) as audit:
        viewing = await audit.begin_view(ANNA, "s-1", "k", "")
        viewing.tile(0, 3, 4, NOW + 1)
        for _ in range(2):
            await audit.flush()
        assert not viewing.closed
        found = [r["detail"]["tiles"] for r in await records(database) if r["action"] == "view-seen"]
        assert found == [{"0": {"count": 1, "x": [3, 3], "y": [4, 4]}}], "and once"


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET agent = 'x'", "DELETE FROM audit", "TRUNCATE audit", "TRUNCATE audit_default"]
)
async def test_not_even_the_owner_changes_a_row_by_a_plain_statement(
    database: Database, tmp_path: Path, statement: str
) -> None:
    async with auditing(database, tmp_path, Clock(NOW)):
        pass
    with pytest.raises(Exception, match="its user may not do this"):
        async with database.transaction() as connection:
            await connection.execute(text(statement))


async def test_what_is_seen_is_recorded_while_it_goes_on_and_when_it_ends(database: Database, tmp_path: Path) -> None:
    clock = Clock(NOW)

    async def told() -> list[int]:
        found = [r["detail"] for r in await records(database) if r["action"] == "view-seen"]
        return [sum(level["count"] for level in detail["tiles"].values()) for detail in found]

    async with auditing(database, tmp_path, clock) as audit:
        viewing = await audit.begin_view(ANNA, "s-1", "k", "")
        viewing.tile(0, 0, 0, NOW + 1)
        clock.now = NOW + 599
        await audit._viewings.sweep()
        assert await told() == []
        clock.now = NOW + 600
        await audit._viewings.sweep()
        await audit._viewings.sweep()
        assert await told() == [1]
        viewing.tile(0, 1, 0, NOW + 700)
        clock.now = NOW + 2600
        await audit._viewings.sweep()
        assert viewing.closed
        assert await told() == [1, 2]
    assert await told() == [1, 2]


async def test_a_clock_that_is_off_is_told_and_recorded(database: Database, tmp_path: Path) -> None:
    metrics = Metrics()
    with structlog.testing.capture_logs() as lines:
        async with auditing(database, tmp_path, Clock(time.time() - 30), metrics=metrics):
            pass
    assert any("clock" in line["event"] for line in lines)
    assert 29_000 < (await records(database))[0]["detail"]["clock_offset_ms"] < 60_000
    assert b"wsi_clock_offset_seconds 3" in metrics.render()[0]


async def test_where_access_is_open_views_are_not_recorded_and_acts_are(database: Database, tmp_path: Path) -> None:
    async with auditing(database, tmp_path, Clock(NOW), views=False) as audit:
        (await audit.begin_view(ANNA, "s-1", "k", "")).tile(0, 0, 0, NOW)
        await audit.act("reindex", ANNA, "")
    assert [r["action"] for r in await records(database)] == ["service-start", "reindex", "service-stop"]


async def test_no_key_and_no_slide_stands_in_a_line_of_the_log(
    database: Database, tmp_path: Path, postgres_url: str, database_url: str
) -> None:
    with structlog.testing.capture_logs() as lines:
        async with auditing(database, tmp_path, Clock(time.time())) as audit, away(postgres_url, database_url):
            await audit.begin_view(ANNA, "slide-xyz", "Tanaka Hanako.svs", "")
    assert lines
    assert "Tanaka" not in str(lines)
    assert "slide-xyz" not in str(lines)
