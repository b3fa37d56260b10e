"""Postgres away, the disk full, processes killed: what was acknowledged is there in the end, and in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from tests.support.audit import ANNA, BEN, Clock, auditing
from tests.support.postgres import away
from wsi_streamer.access.audit import recorder
from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.audit.chain import Chain
from wsi_streamer.access.audit.records import Agent, Record
from wsi_streamer.access.audit.spool import Spool
from wsi_streamer.access.audit.verify import verify
from wsi_streamer.catalog import embedded
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.embedded import EmbeddedPostgres
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.postmaster import Postmaster
from wsi_streamer.slides.errors import AuditUnavailable, CatalogUnavailable
from wsi_streamer.telemetry.metrics import Metrics

WRITER = """
import asyncio, structlog, sys, time
from pathlib import Path
from tests.support.audit import ANNA
from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.catalog.database import Database
from wsi_streamer.telemetry.metrics import Metrics

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

async def main():
    database = await Database.connect(sys.argv[1])
    config = AuditConfig(views=True, required=True, spool=Path(sys.argv[2]))
    audit = await Audit.start(config, database, 1, Metrics(), service="tiles", now=time.time)
    print("up", flush=True)
    number = 0
    async def act(worker):
        nonlocal number
        while True:
            number += 1
            mine = number
            await audit.act(f"act-{mine}", ANNA, "")
            print(mine, flush=True)
            await asyncio.sleep(0.001)
    await asyncio.gather(*(act(worker) for worker in range(4)))

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "RETRY_SECONDS", 0.1)


async def actions(database: Database) -> list[str]:
    rows = await database.rows(text("SELECT action FROM audit ORDER BY writer, seq"))
    return [row.action for row in rows if row.action.startswith(("act", "view"))]


def tear(file: Path) -> None:
    """As a power cut may leave it."""
    with file.open("ab") as end:
        end.write(b"0" * 64 + b' {"writer":"x"')


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await is_so():  # noqa: ASYNC110 - it is Postgres and the disk that one waits for
            await asyncio.sleep(0.05)


async def all_delivered(metrics: Metrics, count: int) -> None:
    async def are() -> bool:
        return bool(metrics.audit_records.labels("delivered")._value.get() >= count)

    await until(are)


async def acts_until_refused(audit: Audit) -> int:
    for taken in range(1000):
        try:
            await audit.act(f"act-{taken}", ANNA, "")
        except AuditUnavailable:
            return taken
    raise AssertionError


async def test_records_wait_on_disk_and_are_delivered_in_order(
    database: Database, postgres_url: str, database_url: str, tmp_path: Path
) -> None:
    metrics = Metrics()
    async with auditing(database, tmp_path / "spool", Clock(time.time()), metrics=metrics) as audit:
        await audit.act("act-0", ANNA, "")
        async with away(postgres_url, database_url):
            for i in range(1, 8):
                await audit.act(f"act-{i}", ANNA, "")
            viewing = await audit.begin_view(BEN, "s-1", "k", "")
            assert await audit.begin_view(BEN, "s-1", "k", "") is viewing
            made = (tmp_path / "spool", *files(tmp_path / "spool"))
            assert [path.stat().st_mode & 0o777 for path in made] == [0o700, 0o600]
        await all_delivered(metrics, 8)
        await audit.act("act-8", ANNA, "")
    assert await actions(database) == [*(f"act-{i}" for i in range(8)), "view", "act-8", "view-seen"]
    assert (await verify(database)).faults == []
    assert not files(tmp_path / "spool")


async def test_with_the_spool_full_nobody_begins_to_look_and_who_looks_goes_on(
    database: Database, postgres_url: str, database_url: str, tmp_path: Path
) -> None:
    metrics = Metrics()
    async with auditing(database, tmp_path, Clock(time.time()), metrics=metrics, spool_bytes=2000) as audit:
        viewing = await audit.begin_view(ANNA, "s-1", "k", "")
        async with away(postgres_url, database_url):
            taken = await acts_until_refused(audit)
            with pytest.raises(AuditUnavailable):
                await audit.begin_view(BEN, "s-1", "k", "")
            assert await audit.begin_view(ANNA, "s-1", "k", "") is viewing
            assert not viewing.closed
        assert taken > 2
        await all_delivered(metrics, taken)
        await audit.begin_view(BEN, "s-1", "k", "")
    assert (await actions(database)).count("view") == 2
    assert (await verify(database)).faults == []


async def test_where_it_is_not_required_the_loss_is_counted_and_recorded(
    database: Database, postgres_url: str, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    options = {"required": False}
    async with auditing(database, tmp_path / "file" / "spool", Clock(time.time()), **options) as audit:
        async with away(postgres_url, database_url):
            for i in range(3):
                await audit.act(f"act-{i}", ANNA, "")
            viewing = await audit.begin_view(BEN, "s-1", "k", "")
            viewing.tile(0, 0, 0, time.time() + 1)

        async def is_told() -> bool:
            return bool(await lost(database))

        await until(is_told)
    assert await lost(database) == [4]
    assert (await actions(database))[-1] == "view-seen"
    assert (await verify(database)).faults == []


async def lost(database: Database) -> list[int]:
    rows = await database.rows(
        text(
            "SELECT CAST(CAST(record AS json) -> 'detail' ->> 'records' AS integer) FROM audit WHERE action = 'records-lost'"
        )
    )
    return [row[0] for row in rows]


async def test_a_process_that_is_killed_while_postgres_is_away_loses_nothing_it_has_acknowledged(
    database: Database, postgres_url: str, database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", WRITER, database_url, str(tmp_path)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env={**os.environ})
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    await asyncio.sleep(0.5)
    async with away(postgres_url, database_url):
        await asyncio.sleep(1.5)
        process.send_signal(signal.SIGKILL)
        acknowledged = {int(line) for line in (await process.stdout.read()).split()}
        await process.wait()
        assert files(tmp_path)
    assert len(acknowledged) > 20
    metrics = Metrics()
    async with auditing(database, tmp_path, Clock(time.time()), metrics=metrics):
        await all_delivered(metrics, 1)
    found = {int(name.removeprefix("act-")) for name in await actions(database)}
    assert acknowledged <= found
    assert (await verify(database)).faults == []
    assert not files(tmp_path)


async def test_a_torn_line_at_the_end_was_never_acknowledged(
    database: Database, postgres_url: str, database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", WRITER, database_url, str(tmp_path)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env={**os.environ})
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    async with away(postgres_url, database_url):
        await asyncio.sleep(1)
        process.kill()
        await process.stdout.read()
        await process.wait()
    (file,) = files(tmp_path)
    tear(file)
    async with auditing(database, tmp_path, Clock(time.time())):

        async def is_gone() -> bool:
            return not files(tmp_path)

        await until(is_gone)
    assert (await verify(database)).faults == []


async def test_postgres_and_then_the_process_killed_at_odd_moments_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "WATCH_SECONDS", 0.1)
    with tempfile.TemporaryDirectory(prefix="wsi-audit-") as folder:
        server = await EmbeddedPostgres.start(Path(folder))
        database = await Database.connect(server.url)
        await migrate(database)
        watcher = asyncio.create_task(server.keep_running())
        command = [sys.executable, "-c", WRITER, server.url, str(tmp_path)]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env={**os.environ})
        assert process.stdout is not None
        assert await process.stdout.readline() == b"up\n"  # one that starts while there is no server ends, and says so
        for wait in (0.9, 2.3, 1.7):
            await asyncio.sleep(wait)
            running = Postmaster.of((Path(folder) / "postgres").resolve())
            if running is not None:
                os.kill(running.pid, signal.SIGKILL)
        await asyncio.sleep(0.4)
        process.kill()
        lines = (await process.stdout.read()).split()
        await process.wait()

        async def answers() -> bool:
            try:
                await database.ping()
            except CatalogUnavailable:
                return False
            return True

        await until(answers)
        async with auditing(database, tmp_path, Clock(time.time())):

            async def is_delivered() -> bool:
                return not files(tmp_path)

            await until(is_delivered)
        acknowledged = {int(line) for line in lines}
        found = {int(name.removeprefix("act-")) for name in await actions(database)}
        assert len(acknowledged) > 50
        assert acknowledged <= found
        assert (await verify(database)).faults == []
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        await database.aclose()
        await server.stop()


async def test_nobody_waits_again_and_again_for_a_server_that_hangs(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="wsi-audit-") as folder:
        server = await EmbeddedPostgres.start(Path(folder))
        database = await Database.connect(server.url)
        await migrate(database)
        running = Postmaster.of((Path(folder) / "postgres").resolve())
        assert running is not None
        metrics = Metrics()
        async with auditing(database, tmp_path, Clock(time.time()), metrics=metrics) as audit:
            await audit.act("act-0", ANNA, "")
            postmaster = psutil.Process(running.pid)
            stopped = [postmaster, *postmaster.children(recursive=True)]
            for process in stopped:
                process.suspend()
            try:
                waits = []
                for i in range(1, 30):
                    began = time.monotonic()
                    await audit.act(f"act-{i}", ANNA, "")
                    waits.append(time.monotonic() - began)
                    await asyncio.sleep(0.1)
            finally:
                for process in stopped:
                    process.resume()
            assert sum(wait > 1 for wait in waits) == 1
            await all_delivered(metrics, 29)
        assert await actions(database) == [f"act-{i}" for i in range(30)]
        assert (await verify(database)).faults == []
        await database.aclose()
        await server.stop()


async def test_records_of_times_to_come_wait_on_disk_and_hold_up_no_others(database: Database, tmp_path: Path) -> None:
    """Postgres does not take them from a machine whose clock is far ahead; nothing is lost meanwhile."""
    metrics = Metrics()
    async with auditing(database, tmp_path, Clock(time.time() + 900), metrics=metrics) as audit:
        await audit.act("act", ANNA, "")
    assert await actions(database) == []
    assert len(files(tmp_path)) == 1
    assert metrics.audit_records.labels("lost")._value.get() == 0
    (file,) = files(tmp_path)
    assert file.read_text().count("\n") == 3
    other = Spool(tmp_path, file.name.partition(".")[0], "zz", 10_000)  # comes behind the one that is refused
    other.append([Chain("tiles", 1, "zz").append(Record(action="act-2", agent=Agent(kind="x", id="y")), time.time())])
    other.close()
    async with auditing(database, tmp_path, Clock(time.time()), metrics=metrics):
        await all_delivered(metrics, 1)
    assert await actions(database) == ["act-2"]
    assert files(tmp_path) == [file]
