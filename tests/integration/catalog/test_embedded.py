"""The embedded server through restarts, kills, company and odd places."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import structlog

from wsi_streamer.catalog import embedded
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.embedded import EmbeddedPostgres
from wsi_streamer.catalog.postmaster import PID_FILE, Postmaster
from wsi_streamer.slides.errors import CatalogUnavailable

HOLD = """
import asyncio, sys
from pathlib import Path
from wsi_streamer.catalog.embedded import EmbeddedPostgres

async def hold():
    server = await EmbeddedPostgres.start(Path(sys.argv[1]))
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await server.stop()

asyncio.run(hold())
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not below pytest's own folder: as root the server is another user, and pytest closes that folder to others."""
    with tempfile.TemporaryDirectory(prefix="wsi-embedded-") as folder:
        yield Path(folder)


def hold(data_dir: Path) -> subprocess.Popen[bytes]:
    """Another process that uses the server until it is told to end."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(data_dir)], stdin=-1, stdout=-1)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def running(data_dir: Path) -> Postmaster | None:
    return Postmaster.of((data_dir / "postgres").resolve())


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def environment_of(pid: int) -> bytes:
    path = Path(f"/proc/{pid}/environ")
    return path.read_bytes() if path.exists() else b""


def sleeper() -> subprocess.Popen[bytes]:
    """Some process of the user that Postgres runs as."""
    return subprocess.Popen(["sleep", "60"], user="pgserver" if os.geteuid() == 0 else None)


async def write(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (n integer); INSERT INTO kept VALUES (1)")
    await connection.close()


async def rows(server: EmbeddedPostgres) -> int:
    connection = await asyncpg.connect(server.url)
    count = await connection.fetchval("SELECT count(*) FROM kept")
    await connection.close()
    return int(count)


async def test_data_stay_between_runs_and_no_server_does(data_dir: Path) -> None:
    server = await EmbeddedPostgres.start(data_dir / "data")
    await write(server)
    found = running(data_dir / "data")
    assert found is not None
    await server.stop()
    await server.stop()
    assert running(data_dir / "data") is None
    assert is_gone(found.pid)
    assert (data_dir / "data" / "POSTGRES_VERSION").read_text().strip() == "18"
    server = await EmbeddedPostgres.start(data_dir / "data")
    assert await rows(server) == 1
    await server.stop()


async def test_a_killed_owner_leaves_a_server_that_the_next_one_takes_over_and_stops(data_dir: Path) -> None:
    killed = hold(data_dir)
    first = running(data_dir)
    killed.kill()
    killed.wait()
    server = await EmbeddedPostgres.start(data_dir)
    assert running(data_dir) == first
    await server.stop()
    assert running(data_dir) is None


async def test_owner_and_server_killed_and_the_pid_given_to_another_process(data_dir: Path) -> None:
    killed = hold(data_dir)
    server = await EmbeddedPostgres.start(data_dir)
    await write(server)
    found = running(data_dir)
    assert found is not None
    killed.kill()
    os.kill(found.pid, signal.SIGKILL)
    killed.wait()
    pid_file = data_dir / "postgres" / PID_FILE
    lines = pid_file.read_text().splitlines()
    bystander = sleeper()
    try:
        pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        again = await EmbeddedPostgres.start(data_dir)
        assert await rows(again) == 1
        await server.stop()
        await again.stop()
        assert running(data_dir) is None
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("name", ["data", "a long name " * 10])
async def test_a_server_that_is_killed_while_it_is_used_is_started_again_at_the_same_place(
    data_dir: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "WATCH_SECONDS", 0.1)
    folder = data_dir / name
    server = await EmbeddedPostgres.start(folder)
    await write(server)
    database = await Database.connect(server.url)
    watcher = asyncio.create_task(server.keep_running())
    with structlog.testing.capture_logs() as lines:
        for _ in range(2):
            found = running(folder)
            assert found is not None
            os.kill(found.pid, signal.SIGKILL)
            async with asyncio.timeout(20):
                while (again := running(folder)) is None or not again.ready or again.pid == found.pid:  # noqa: ASYNC110 - it is a file that Postgres writes
                    await asyncio.sleep(0.05)
            await database.ping()
            assert await rows(server) == 1
            await asyncio.sleep(0.2)
    assert [line["event"] for line in lines] == ["the embedded Postgres had ended and was started again"] * 2
    watcher.cancel()
    await database.aclose()
    await server.stop()
    assert running(folder) is None


async def test_a_server_that_hangs_is_told_of_in_five_seconds_and_used_again_once_it_goes_on(data_dir: Path) -> None:
    server = await EmbeddedPostgres.start(data_dir)
    database = await Database.connect(server.url)
    await asyncio.gather(*(database.ping() for _ in range(3)))
    found = running(data_dir)
    assert found is not None
    postmaster = psutil.Process(found.pid)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped:
        process.suspend()
    try:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(CatalogUnavailable, match="it does not answer in time"):
                await database.ping()
            assert time.monotonic() - began < 6
        with pytest.raises(CatalogUnavailable, match="it does not answer in time"):
            async with database.transaction():
                pass
        assert time.monotonic() - began < 15
    finally:
        for process in stopped:
            process.resume()
    await database.ping()
    async with database.transaction():
        pass
    await database.aclose()
    await server.stop()


async def test_a_second_process_shares_the_server_and_the_last_to_leave_stops_it(data_dir: Path) -> None:
    server = await EmbeddedPostgres.start(data_dir)
    other = hold(data_dir)
    await server.stop()
    assert running(data_dir) is not None
    other.communicate(b"\n")
    assert other.returncode == 0
    assert running(data_dir) is None


async def test_a_creation_that_was_killed_half_way_is_done_anew(data_dir: Path) -> None:
    half = data_dir / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = await EmbeddedPostgres.start(data_dir)
    await write(server)
    await server.stop()


@pytest.mark.parametrize("name", ['it\'s a "data" dir, 100% 病理 $HOME', "deep/" + "d" * 120])
async def test_any_path_will_do_and_the_socket_is_closed_to_others(data_dir: Path, name: str) -> None:
    server = await EmbeddedPostgres.start(data_dir / name)
    await write(server)
    database = await Database.connect(server.url)
    await database.aclose()
    found = running(data_dir / name)
    assert found is not None
    assert found.socket_dir is not None
    socket = found.socket_dir / ".s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) & 0o077 == 0
    await server.stop()
    assert not socket.exists()
    assert found.socket_dir == (data_dir / name / "postgres") or not found.socket_dir.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="opens paths for another user, as root only")
async def test_folders_above_are_opened_to_pass_but_not_to_read(data_dir: Path) -> None:
    private = data_dir / "private"
    private.mkdir(mode=0o700)
    server = await EmbeddedPostgres.start(private / "data")
    await server.stop()
    assert stat.S_IMODE(private.stat().st_mode) == 0o711
    assert stat.S_IMODE((private / "data" / "postgres").stat().st_mode) == 0o700


async def test_data_of_another_major_version_are_refused_with_what_to_do(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(CatalogUnavailable, match="Postgres 16, and this release has 18"):
        await EmbeddedPostgres.start(data_dir)


async def test_a_server_that_can_not_start_says_why_in_its_own_words(data_dir: Path) -> None:
    server = await EmbeddedPostgres.start(data_dir)
    await server.stop()
    with (data_dir / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write("shared_buffers = nonsense\n")
    with pytest.raises(CatalogUnavailable, match=r"started: configuration file .* contains errors"):
        await EmbeddedPostgres.start(data_dir)


async def test_a_data_directory_that_can_not_be_is_one_clear_line(data_dir: Path) -> None:
    (data_dir / "file").write_text("")
    with pytest.raises(CatalogUnavailable, match="can't be started: Not a directory"):
        await EmbeddedPostgres.start(data_dir / "file" / "data")


async def test_its_environment_holds_no_secret_of_ours(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do-not-tell")
    server = await EmbeddedPostgres.start(data_dir)
    found = running(data_dir)
    assert found is not None
    assert b"do-not-tell" not in environment_of(found.pid)
    await server.stop()


async def test_many_starters_at_once_share_one_server(data_dir: Path) -> None:
    servers = await asyncio.gather(*(EmbeddedPostgres.start(data_dir) for _ in range(4)))
    assert len({server.url for server in servers}) == 1
    await asyncio.gather(*(server.stop() for server in servers))
    assert running(data_dir) is None
