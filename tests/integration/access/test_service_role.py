"""The services' own database user: it can do all that the services do, and nothing to the audit log but add to it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import structlog
from sqlalchemy import text

from tests.support.audit import ANNA, Clock, auditing
from tests.support.in_process import running, wait_indexed
from tests.support.postgres import execute
from tests.support.s3server import Bucket
from tests.support.tiffs import picture, written
from wsi_streamer.access.audit.prune import prune
from wsi_streamer.access.audit.verify import verify
from wsi_streamer.catalog.audit_months import Month
from wsi_streamer.catalog.database import Database, connect_arguments
from wsi_streamer.catalog.ended_sessions import EndedSessionQueries
from wsi_streamer.catalog.jobs import Job
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.roles import current_user, why_unprotected
from wsi_streamer.slides.errors import CatalogUnavailable


@pytest.fixture
async def granted_url(database: Database, service_url: str) -> str:
    """By the services' user, after the owner has migrated."""
    service = await Database.connect(service_url)
    await migrate(database, service=await current_user(service))
    await service.aclose()
    return service_url


async def refusal(url: str, statement: str) -> str:
    connection = await asyncpg.connect(**connect_arguments(url))
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        return type(error).__name__
    finally:
        await connection.close()
    return "none"


async def test_the_services_do_all_they_do(bucket: Bucket, granted_url: str, tmp_path: Path) -> None:
    levels = [picture(1024, 768), picture(512, 384)]
    bucket.put("a.tif", written(levels))
    bucket.put("b.tif", written(levels))
    async with running(granted_url, bucket.name, bucket.server.endpoint, scan_interval=0) as found:
        await wait_indexed(found.catalog, 2)
        assert (await found.http.get("/tiles/a.tif/0/0/0.jpg")).status_code == 200
        assert (await found.http.get("/slides?search=tif&sort=size&details=1")).status_code == 200
        bucket.delete("b.tif")
        job: Job = await found.catalog.jobs.enqueue("reindex", force=True, params={"all": True})
        assert await found.catalog.jobs.get(job.id) is not None
        await wait_indexed(found.catalog, 1)
        assert await found.catalog.explain.slide("a.tif") is not None
    database = await Database.connect(granted_url)
    await database.analyze("slides", "objects", "jobs")
    analyzed = await database.rows(text("SELECT reltuples FROM pg_class WHERE oid = 'slides'::regclass"))
    assert analyzed[0][0] >= 1  # -1 before the first one
    ended = EndedSessionQueries(database)
    await ended.add("a session", datetime.now(UTC))
    await ended.add("another", datetime.now(UTC))
    assert await ended.has("another")
    async with auditing(database, tmp_path, Clock(time.time())) as audit:
        await audit.begin_view(ANNA, "s-1", "k", "")
    assert (await verify(database)).faults == []
    assert await why_unprotected(database) is None
    await database.aclose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET agent = 'x'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DROP TABLE audit",
        "DROP TABLE audit_default",
        "UPDATE {month} SET agent = 'x'",
        "DELETE FROM {month}",
        "TRUNCATE {month}",
        "DROP TABLE {month}",
        "ALTER TABLE audit DETACH PARTITION {month}",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "INSERT INTO audit_anchors SELECT '2020-01-01', 'w', 1, 'x', 1, now(), now(), now()",
        "DELETE FROM audit_anchors",
        "UPDATE audit_log SET id = 'x'",
        "DELETE FROM grants",
        "UPDATE ended_sessions SET ends = now()",
        "UPDATE grants SET expires_at = now() + interval '10 years'",
        "CREATE OR REPLACE FUNCTION wsi_grant_is_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP TRIGGER audit_stored ON audit",
        "CREATE TABLE slides_too (n integer)",
        "CREATE OR REPLACE FUNCTION wsi_audit_refuses() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "SELECT wsi_analyze(ARRAY['audit'])",
    ],
)
async def test_their_user_can_not_touch_what_is_written(granted_url: str, statement: str) -> None:
    month = Month.of(datetime.now(UTC)).table
    assert await refusal(granted_url, statement.replace("{month}", month)) in (
        "InsufficientPrivilegeError",
        "RaiseError",
    )


async def test_their_user_prunes_nothing_and_the_owner_does(granted_url: str, database: Database) -> None:
    service = await Database.connect(granted_url)
    with pytest.raises(CatalogUnavailable, match="WSI_DATABASE_OWNER_URL"):
        await prune(service, 1, datetime.now(UTC), by="test")
    await migrate(service)  # a service that starts: nothing is left to do
    await service.aclose()
    assert await prune(database, 1, datetime.now(UTC), by="test") == []


async def test_tables_that_the_services_user_made_are_taken_over(
    postgres_url: str, empty_database_url: str, database: Database, service_url: str
) -> None:
    """As where an earlier release ran without an owner."""
    from sqlalchemy.engine import make_url

    name = make_url(empty_database_url).database
    user = make_url(service_url).username
    url = make_url(service_url).set(database=name).render_as_string(hide_password=False)
    await execute(empty_database_url, f"GRANT CREATE ON SCHEMA public TO {user}")
    service = await Database.connect(url)
    await migrate(service)
    assert await why_unprotected(service) == "owns the audit log"
    owner = await Database.connect(empty_database_url)
    await migrate(owner, service=user)
    assert await why_unprotected(service) is None
    assert await refusal(url, "DROP TABLE audit") == "InsufficientPrivilegeError"
    await service.aclose()
    await owner.aclose()
    await execute(empty_database_url, f"DROP OWNED BY {user} CASCADE")


async def test_an_owner_of_the_schema_is_no_user_for_services(
    postgres_url: str, database_url: str, database: Database, service_url: str
) -> None:
    from sqlalchemy.engine import make_url

    url = make_url(service_url)
    await execute(postgres_url, f"ALTER DATABASE {make_url(database_url).database} OWNER TO {url.username}")
    try:
        with pytest.raises(CatalogUnavailable, match="owns the schema"):
            await migrate(database, service=url.username)
    finally:
        await execute(postgres_url, f"ALTER DATABASE {make_url(database_url).database} OWNER TO postgres")


async def test_without_an_owner_one_is_warned(database: Database, tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as lines:
        async with auditing(database, tmp_path, Clock(time.time())):
            pass
    assert any("not protected" in line["event"] for line in lines)
