"""The queue at work: urgency, faults of the store, several indexers."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.fault_proxy import Fault, FaultProxy, Seen
from tests.support.indexing import indexing
from tests.support.s3server import Bucket
from tests.support.tiffs import plain
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.jobs import EVENT, ON_DEMAND
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.indexer import job_runner
from wsi_streamer.slides.slide import SlideStatus

DENIED = Fault(status=403, body=b"<Error><Code>AccessDenied</Code></Error>")


async def test_who_waits_for_a_slide_does_not_wait_for_the_backlog_or_for_slow_ones(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    for i in range(12):
        bucket.put(f"slow {i}.tif", plain())
    bucket.put("wanted.tif", plain())

    async def slow(seen: Seen) -> None:
        if seen.method == "GET" and "slow" in seen.target:
            await asyncio.sleep(1)

    fault_proxy.before = slow
    async with indexing(database_url, bucket.name, fault_proxy.endpoint, index_concurrency=2) as indexer:
        while await indexer.catalog.jobs.backlog() < 5:  # noqa: ASYNC110 - it is a count in Postgres
            await asyncio.sleep(0.02)
        job = await indexer.catalog.jobs.enqueue("index", key="wanted.tif", priority=ON_DEMAND)
        done = await indexer.catalog.jobs.wait(job.id, 10)
        assert done.outcome == "indexed"
        assert await indexer.catalog.jobs.backlog() >= 5, "it went ahead of those that were queued before"
        rows = await indexer.idle(13)
    assert {row.status for row in rows.values()} == {SlideStatus.INDEXED}


async def test_two_indexers_share_the_work_and_do_nothing_twice(bucket: Bucket, database_url: str) -> None:
    count = 60
    for i in range(count):
        bucket.put(f"{i}.tif", plain())
    endpoint = bucket.server.endpoint
    async with (
        indexing(database_url, bucket.name, endpoint, index_concurrency=2) as one,
        indexing(database_url, bucket.name, endpoint, index_concurrency=2) as two,
    ):
        await one.idle(count)
        await asyncio.sleep(0.1)
        shares = [one.counted("indexed"), two.counted("indexed")]
        assert sum(shares) == count
        assert min(shares) > 0
        assert one.counted("unchanged") == two.counted("unchanged") == 0


async def test_an_indexer_that_comes_late_does_not_overwrite_what_another_found_in_the_newer_object(
    bucket: Bucket, database_url: str
) -> None:
    bucket.put("a.tif", plain(64, 64))
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        before = (await indexer.idle(1))["a.tif"]
        old = await indexer.store.head("a.tif")
        bucket.put("a.tif", plain(128, 64))
        await indexer.scan()
        parsed = parse(BytesReader(plain(64, 64)))
        assert await indexer.catalog.store.indexed(before.id, old, parsed) is None
        assert not await indexer.catalog.store.refused(before.id, old, SlideStatus.FAILED, "late")
        row = (await indexer.rows())["a.tif"]
        assert (row.status, row.width) == (SlideStatus.INDEXED, 128)


async def test_faults_of_the_store_are_tried_again_and_the_older_version_goes_on(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "RETRY_SECONDS", 0.02)
    bucket.put("a.tif", plain())
    bucket.put("b.tif", plain())
    fault_proxy.applies_to = lambda seen: seen.method == "GET" and "b.tif" in seen.target
    fault_proxy.faults = [DENIED] * 3
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        rows = await indexer.idle(2)
        assert rows["b.tif"].status is SlideStatus.INDEXED
        assert not fault_proxy.faults

        # For good this time: given up, with the reason, and the version that is served stays.
        fault_proxy.applies_to = lambda seen: seen.method == "GET" and "a.tif" in seen.target
        fault_proxy.faults = [DENIED] * 5
        job = await indexer.catalog.jobs.enqueue("index", key="a.tif", force=True)
        done = await indexer.catalog.jobs.wait(job.id, 20)
        assert (done.state, done.outcome, done.attempts) == ("failed", "gave_up", 5)
        assert (await indexer.rows())["a.tif"] == rows["a.tif"]

        # A slide that waits goes on waiting and says why; the next scan tries it again, and so does who asks for it.
        fault_proxy.applies_to = lambda seen: (
            seen.method == "GET" and ("c.tif" in seen.target or "d.tif" in seen.target)
        )
        for key in ("c.tif", "d.tif"):
            bucket.put(key, plain())
            fault_proxy.faults = [DENIED] * 5
            job = await indexer.catalog.jobs.enqueue("index", key=key, priority=ON_DEMAND)
            done = await indexer.catalog.jobs.wait(job.id, 20)
            assert (done.state, done.outcome) == ("failed", "gave_up")
            row = (await indexer.rows())[key]
            assert row.status is SlideStatus.PENDING
            assert row.error == done.error
        job = await indexer.catalog.jobs.enqueue("index", key="d.tif", priority=ON_DEMAND)
        assert (await indexer.catalog.jobs.wait(job.id, 10)).outcome == "indexed"
        assert (await indexer.rows())["c.tif"].status is SlideStatus.PENDING
        await indexer.scan()
        row = (await indexer.rows())["c.tif"]
        assert (row.status, row.error) == (SlideStatus.INDEXED, None)


async def test_a_job_that_ends_its_indexer_each_time_is_given_up(
    bucket: Bucket, database_url: str, database: Database, fault_proxy: FaultProxy
) -> None:
    bucket.put("a.tif", plain())
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        before = await indexer.idle(1)
    catalog = Catalog(database, indexer.catalog.source_id)
    job = await catalog.jobs.enqueue("index", key="a.tif", force=True)
    for i in range(5):
        assert await catalog.jobs.claim(f"killed {i}", limit=1, lease=-1, kinds=("index",))
    fault_proxy.seen.clear()
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        done = await indexer.catalog.jobs.wait(job.id, 20)
        assert (done.outcome, done.attempts) == ("gave_up", 6)
        assert "5 times" in (done.error or "")
        assert await indexer.idle(1) == before
    assert not fault_proxy.gets()


async def test_what_a_stopped_indexer_held_is_taken_up_at_once(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    for i in range(3):
        bucket.put(f"{i}.tif", plain())
    held = asyncio.Event()

    async def hold(seen: Seen) -> None:
        if seen.method == "GET" and ".tif" in seen.target:
            held.set()
            await asyncio.sleep(3600)

    fault_proxy.before = hold
    async with indexing(database_url, bucket.name, fault_proxy.endpoint):
        await held.wait()
    began = time.monotonic()
    fault_proxy.before = None
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        rows = await indexer.idle(3)
        assert time.monotonic() - began < 10
        assert {row.status for row in rows.values()} == {SlideStatus.INDEXED}


async def test_an_object_that_is_gone_is_absent_and_leaves_the_list_after_two_scans_whoever_asks(
    bucket: Bucket, database_url: str
) -> None:
    for key in ("a.tif", "b.tif", "c.tif"):
        bucket.put(key, plain())
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        await indexer.idle(3)
        bucket.delete("a.tif")
        job = await indexer.catalog.jobs.enqueue("index", key="a.tif", priority=EVENT)
        assert (await indexer.catalog.jobs.wait(job.id, 10)).outcome == "absent"
        await indexer.scan()
        assert "a.tif" in await indexer.rows()
        await indexer.scan()
        assert set(await indexer.rows()) == {"b.tif", "c.tif"}
        unknown = await indexer.catalog.jobs.enqueue("index", key="never was.tif", priority=ON_DEMAND)
        assert (await indexer.catalog.jobs.wait(unknown.id, 10)).outcome == "absent"
        assert set(await indexer.rows()) == {"b.tif", "c.tif"}
