"""The indexer as a process: what a kill leaves behind, and what a real server's notifications do."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.support.fault_proxy import FaultProxy, Seen
from tests.support.in_process import wait_indexed
from tests.support.odd_keys import ODD_KEYS
from tests.support.s3server import Bucket, S3Server
from tests.support.services import Service, StartService
from tests.support.slides import real_slide
from tests.support.tiffs import plain
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.sources import ensure_source

SLIDE = "CMU-1-Small-Region.svs"


def test_one_command_indexes_and_serves_and_its_log_names_no_slide(running_service: Service) -> None:
    key = "case 1/a+b.svs"
    running_service.put(key, real_slide(SLIDE))
    running_service.put("case 1/broken.svs", b"II*\0\0\0\0\0")
    running_service.wait_indexed()
    assert httpx.get(f"{running_service.url}/slides").json()["slides"] == [key, "case 1/broken.svs"]
    tile = httpx.get(f"{running_service.url}/tiles/case%201%2Fa+b.svs/0/3/3.jpg")
    assert tile.status_code == 200
    assert running_service.stop() == 0
    assert "slide" in running_service.output()
    assert "case" not in running_service.log.read_text()


async def test_a_kill_amid_a_scan_leaves_the_catalog_of_an_undisturbed_run(
    bucket: Bucket, database: Database, start_service: StartService, fault_proxy: FaultProxy
) -> None:
    slides = 60
    await asyncio.to_thread(_fill, bucket, others=960, slides=slides)
    # The proxy's address makes the killed one a source of its own in the same database.
    killed = Catalog(database, await ensure_source(database, fault_proxy.endpoint, bucket.name, ""))
    undisturbed = Catalog(database, await ensure_source(database, bucket.server.endpoint, bucket.name, ""))
    second_page = asyncio.Event()

    async def hold(seen: Seen) -> None:
        if "continuation-token" in seen.target:
            second_page.set()
            await asyncio.sleep(3600)
        await asyncio.sleep(0.02)

    fault_proxy.before = hold
    service = await asyncio.to_thread(start_service, endpoint=fault_proxy.endpoint, index_concurrency=2)
    await asyncio.wait_for(second_page.wait(), 30)
    while len(await _tables(database, killed)) < 8:  # noqa: ASYNC110 - it is a count in Postgres
        await asyncio.sleep(0.02)
    await asyncio.to_thread(service.kill)
    half_done = await _tables(database, killed)
    assert len(half_done) < slides
    assert await killed.jobs.backlog() > 0

    fault_proxy.before = None
    service = await asyncio.to_thread(start_service, endpoint=fault_proxy.endpoint, index_concurrency=2)
    await wait_indexed(killed, slides, seconds=25)  # less than a lease: a new process need not wait for its end
    await asyncio.to_thread(service.stop)
    service = await asyncio.to_thread(start_service)
    await wait_indexed(undisturbed, slides)
    await asyncio.to_thread(service.stop)
    after = await _tables(database, killed)
    assert len(after) == slides
    assert after == await _tables(database, undisturbed)
    assert await _finished_scans(killed) == await _finished_scans(undisturbed) == (1020, 0)


@pytest.fixture
def notifying(tmp_path: Path) -> Iterator[tuple[Bucket, list[S3Server]]]:
    """A bucket on an S3 server of its own; to the list a second server over the same folder may be added."""
    servers = [S3Server.start(tmp_path / "s3")]
    name = f"test-{secrets.token_hex(6)}"
    servers[0].client().create_bucket(Bucket=name)
    yield Bucket(servers[0], name), servers
    for server in servers:
        server.stop()


def test_a_real_servers_notifications_bring_slides_in_within_seconds_whatever_their_keys(
    notifying: tuple[Bucket, list[S3Server]], start_service: StartService, tmp_path: Path
) -> None:
    quiet, servers = notifying
    service = start_service(on=quiet)
    hook = f"{service.admin_url}/admin/events/{service.events_token}"
    keys = {"access_key": quiet.server.access_key, "secret_key": quiet.server.secret_key}
    servers.append(S3Server.start(tmp_path / "s3", options=["--event-webhook-url", hook], **keys))
    loud = Bucket(servers[-1], quiet.name)
    service.wait_indexed()
    for key in ODD_KEYS:
        loud.put(key, plain())
        # versitygw 1.8 writes its notification after the answer, from a buffer that the connection's next request fills.
        time.sleep(0.05)
    _wait_for_keys(service, set(ODD_KEYS), seconds=15)
    assert service.status()["slides"]["indexed"] == len(ODD_KEYS)
    for key in ODD_KEYS:
        assert service.explain(key)["key"] == key
    loud.put("plain.svs", plain(128, 96))
    end = time.monotonic() + 10
    while not any(version["width"] == 128 for version in service.explain("plain.svs")["versions"]):
        assert time.monotonic() < end, "the replaced object was not indexed anew"
        time.sleep(0.1)


def _wait_for_keys(service: Service, wanted: set[str], seconds: float) -> None:
    end = time.monotonic() + seconds
    found: set[str] = set()
    while time.monotonic() < end:
        found = set(httpx.get(f"{service.url}/slides", params={"status": "indexed"}).json()["slides"])
        if found == wanted:
            return
        time.sleep(0.1)
    raise AssertionError(f"missing: {wanted - found}; unexpected: {found - wanted}")


def _fill(bucket: Bucket, *, others: int, slides: int) -> None:
    """Slides of several kinds, behind other objects that take up most of the listing's first page."""
    client = bucket.server.client()
    for i in range(others):
        client.put_object(Bucket=bucket.name, Key=f"a/{i:04}.txt", Body=b"")
    kinds = [plain(), plain(128, 96), b"II*\0\0\0\0\0", b"no TIFF", real_slide("CMU-1-small.tiff").read_bytes()]
    for i in range(slides):
        client.put_object(Bucket=bucket.name, Key=f"b/{i:04}.tif", Body=kinds[i % len(kinds)])


async def _tables(database: Database, catalog: Catalog) -> list[tuple[Any, ...]]:
    """All that makes up the slides that are not pending, but ids and times."""
    query = text("""
        SELECT s.key, s.etag, s.status, s.error, v.hash, v.format, v.properties::text, (
            SELECT array_agg((number, geometry::text, recipe::text, md5(offsets), md5(counts))::text ORDER BY number)
            FROM levels WHERE version_id = v.id)
        FROM slides s LEFT JOIN versions v ON v.slide_id = s.id
        WHERE s.source_id = :source AND s.status <> 'pending' ORDER BY s.key, v.id
    """)
    async with database.transaction() as connection:
        return [tuple(row) for row in (await connection.execute(query, {"source": catalog.source_id})).all()]


async def _finished_scans(catalog: Catalog) -> tuple[int, int]:
    scan = await catalog.scans.last()
    assert scan is not None
    assert scan.finished_at is not None
    return scan.totals.listed, scan.totals.vanished
