"""``migrate`` with an owner, and ``audit`` verify, export and prune, as an operator runs them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.integration.cli.process import COMMAND
from tests.support.audit import ANNA, Clock, auditing
from tests.support.postgres import execute
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.embedded import EmbeddedPostgres
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.roles import why_unprotected
from wsi_streamer.cli.root import CatalogFailed


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not below pytest's own folder: as root the embedded Postgres is another user."""
    with tempfile.TemporaryDirectory(prefix="wsi-audit-") as folder:
        yield Path(folder)


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return subprocess.run([*COMMAND, *args], env=kept | env, capture_output=True, text=True, timeout=60)


def write(url: str, folder: Path, *, months_ago: int = 0) -> None:
    async def act() -> None:
        database = await Database.connect(url)
        async with auditing(database, folder, Clock(time.time() - months_ago * 31 * 86400)) as audit:
            await audit.begin_view(ANNA, "s-1", "case/1.svs", "192.0.2.1")
        await database.aclose()

    asyncio.run(act())


def test_migrate_with_an_owner_leaves_services_that_only_add(
    empty_database_url: str, service_url: str, data_dir: Path
) -> None:
    from sqlalchemy.engine import make_url

    name = make_url(empty_database_url).database
    url = make_url(service_url).set(database=name).render_as_string(hide_password=False)
    env = {"WSI_DATABASE_URL": url, "WSI_DATABASE_OWNER_URL": empty_database_url, "WSI_DATA_DIR": str(data_dir)}
    for _ in range(2):
        done = run("migrate", **env)
        assert done.returncode == 0, done.stderr
    write(url, data_dir / "spool", months_ago=5)
    write(url, data_dir / "spool")
    verified = run("audit", "verify", "--json", WSI_DATABASE_URL=url)
    report = json.loads(verified.stdout)
    assert (report["ok"], report["unprotected"], report["writers"]) == (True, None, 2)

    kept = data_dir / "kept.json"
    kept.write_text(verified.stdout)
    text_of = run("audit", "verify", WSI_DATABASE_URL=url).stdout
    assert "only witnesses kept elsewhere show a log that was cut off as a whole" in text_of
    assert "4 records of" in text_of, "five months ago: told as late"

    refused = run("audit", "prune", "--audit-retention-months", "2", WSI_DATABASE_URL=url)
    assert refused.returncode == CatalogFailed.exit_code
    assert "WSI_DATABASE_OWNER_URL" in refused.stderr
    pruned = run("audit", "prune", "--audit-retention-months", "2", **env)
    assert pruned.returncode == 0, pruned.stderr
    assert "1 months dropped" in pruned.stdout
    compared = run("audit", "verify", "--against", str(kept), WSI_DATABASE_URL=url)
    assert (compared.returncode, "compared with 2 heads" in compared.stdout) == (0, True), compared.stdout

    exported = run("audit", "export", "--action", "view", WSI_DATABASE_URL=url, WSI_DATA_DIR=str(data_dir))
    assert [json.loads(line)["key"] for line in exported.stdout.splitlines()] == ["case/1.svs"]
    fhir = run("audit", "export", "--format", "fhir", WSI_DATABASE_URL=url, WSI_DATA_DIR=str(data_dir))
    assert {json.loads(line)["resourceType"] for line in fhir.stdout.splitlines()} == {"AuditEvent"}

    asyncio.run(
        execute(
            empty_database_url,
            "SET session_replication_role = replica; UPDATE audit SET agent = 'identity:ben' WHERE action = 'view'",
        )
    )
    found = run("audit", "verify", WSI_DATABASE_URL=url)
    assert found.returncode == 1
    assert "changed" in found.stdout
    assert "case/1.svs" not in found.stdout + found.stderr
    asyncio.run(
        execute(
            empty_database_url,
            "SET session_replication_role = replica; DELETE FROM audit; DELETE FROM audit_anchors",
        )
    )
    assert run("audit", "verify", WSI_DATABASE_URL=url).returncode == 0, "an emptied log"
    found = run("audit", "verify", "--against", str(kept), "--against", str(kept), WSI_DATABASE_URL=url)
    assert (found.returncode, found.stdout.count("cut off: writer")) == (1, 2), found.stdout
    kept.write_text("nothing")
    useless = run("audit", "verify", "--against", str(kept), WSI_DATABASE_URL=url)
    assert useless.returncode != 0
    assert "no head of a chain" in useless.stderr
    asyncio.run(execute(empty_database_url, f"DROP OWNED BY {make_url(url).username} CASCADE"))


def test_the_embedded_postgres_of_an_earlier_release_is_protected_too(data_dir: Path) -> None:
    async def earlier() -> None:
        server = await EmbeddedPostgres.start(data_dir)
        database = await Database.connect(server.url)
        await migrate(database, to="0003")
        await database.aclose()
        await execute(server.url, "DROP ROLE wsi_service")
        await server.stop()

    async def protected() -> str | None:
        server = await EmbeddedPostgres.start(data_dir)
        database = await Database.connect(server.service_url)
        why = await why_unprotected(database)
        assert (await database.rows(text("SELECT current_user")))[0][0] == "wsi_service"
        await database.aclose()
        await server.stop()
        return why

    asyncio.run(earlier())
    done = run("migrate", WSI_DATA_DIR=str(data_dir))
    assert done.returncode == 0, done.stderr
    verified = run("audit", "verify", WSI_DATA_DIR=str(data_dir))
    assert verified.returncode == 0, verified.stderr
    assert "not protected" not in verified.stdout
    assert asyncio.run(protected()) is None


def test_without_an_owner_verify_says_that_the_log_is_not_protected(database_url: str) -> None:
    found = run("audit", "verify", WSI_DATABASE_URL=database_url)
    assert found.returncode == 0
    assert "not protected from the services' own database user" in found.stdout


def test_nothing_is_pruned_where_all_is_kept(database_url: str) -> None:
    done = run("audit", "prune", "--audit-retention-months", "0", WSI_DATABASE_URL=database_url)
    assert done.returncode == 0
    assert "Nothing is dropped" in done.stdout
