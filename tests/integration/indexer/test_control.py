"""Scans and reindex jobs beside each other, after an upgrade, and over archived objects."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.indexing import indexing
from tests.support.s3server import Bucket
from tests.support.tiffs import plain
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.slides.slide import SlideStatus


async def test_a_source_has_one_scan_or_reindex_at_a_time_however_many_indexers_ask(catalog: Catalog) -> None:
    await catalog.jobs.enqueue("scan")
    await catalog.jobs.enqueue("reindex")
    await catalog.jobs.enqueue("reindex")
    done = []
    for _ in range(3):
        claims = await asyncio.gather(
            *(catalog.jobs.claim(f"w{i}", limit=1, lease=60, kinds=("scan", "reindex")) for i in range(4))
        )
        [job] = [job for jobs in claims for job in jobs]
        assert await catalog.jobs.claim("late", limit=1, lease=60, kinds=("scan", "reindex")) == []
        await catalog.jobs.finish(job.id, "done")
        done.append(job.id)
    assert len(set(done)) == 3


async def test_slides_of_an_older_release_are_indexed_anew_and_served_meanwhile(
    bucket: Bucket, database_url: str, database: Database
) -> None:
    bucket.put("a.tif", plain())
    bucket.put("b.tif", b"II*\0\0\0\0\0")
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        before = await indexer.idle(2)
        first = indexer.counted("indexed")
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE versions SET recipe_version = 0, hash = 'of an older release'"))
    opened = await Catalog(database, indexer.catalog.source_id).slides.open("a.tif")
    assert opened is not None
    assert opened.slide is not None
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        async with asyncio.timeout(20):
            while indexer.counted("indexed") < 1:  # noqa: ASYNC110 - it is a counter
                await asyncio.sleep(0.05)
        assert await indexer.idle(2) == before
        assert (first, indexer.counted("indexed"), indexer.counted("failed")) == (1, 1, 0)


async def test_an_object_that_went_to_the_archive_says_so_and_is_not_read(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    bucket.put("a.tif", plain())
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        before = (await indexer.idle(1))["a.tif"]
        fault_proxy.seen.clear()
        fault_proxy.applies_to = lambda seen: seen.method == "HEAD"
        fault_proxy.faults = [Fault(replace_header=("x-amz-storage-class", "DEEP_ARCHIVE"))]
        job = await indexer.catalog.jobs.enqueue("index", key="a.tif")
        assert (await indexer.catalog.jobs.wait(job.id, 20)).outcome == "archived"
        assert not fault_proxy.gets()
        row = (await indexer.rows())["a.tif"]
        assert (row.id, row.status) == (before.id, SlideStatus.ARCHIVED)
        assert "DEEP_ARCHIVE" in (row.error or "")
        await indexer.scan()  # the listing shows it restored
        assert (await indexer.rows())["a.tif"] == before
