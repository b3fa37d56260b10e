"""Indexers in processes of their own on one Postgres and one bucket, and what they ask of the store."""

from __future__ import annotations

import asyncio
from collections import Counter

from sqlalchemy import text

from tests.support.fault_proxy import FaultProxy, Seen
from tests.support.in_process import wait_indexed
from tests.support.indexing import indexing
from tests.support.s3server import Bucket
from tests.support.services import StartService
from tests.support.slides import real_slide
from tests.support.tiffs import plain
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.slides.slide import SlideStatus

SLIDES = 90


async def test_three_indexers_share_the_work_and_two_finish_what_a_killed_one_leaves(
    bucket: Bucket, database: Database, start_service: StartService, fault_proxy: FaultProxy
) -> None:
    await asyncio.to_thread(_fill, bucket)
    catalog = Catalog(database, await ensure_source(database, fault_proxy.endpoint, bucket.name, ""))
    go = asyncio.Event()

    async def slow(seen: Seen) -> None:
        if seen.method == "HEAD":
            await go.wait()  # all three are up before the first slide is done
            await asyncio.sleep(0.1)

    fault_proxy.before = slow
    start = {"command": "index", "endpoint": fault_proxy.endpoint, "index_concurrency": 2}
    services = [await asyncio.to_thread(start_service, **start) for _ in range(3)]
    go.set()
    while len(done := await _done_by(database)) < 3 or min(done.values()) < 4:  # noqa: ASYNC110 - it is a count in Postgres
        await asyncio.sleep(0.05)
    assert sum(done.values()) < SLIDES - 10, "too late for a kill to leave anything"
    await asyncio.to_thread(services[0].kill)
    # Its jobs are another's once their leases have run out; this is not about how long that takes.
    [killed] = [name for name in done if name.split("/")[2] == str(services[0].process.pid)]
    await catalog.jobs.expire(killed)
    await wait_indexed(catalog, SLIDES)

    done = await _done_by(database)
    assert len(done) == 3
    assert sum(done.values()) == SLIDES
    counts = await catalog.listing.counts()
    assert counts[SlideStatus.INDEXED] == SLIDES
    [(versions, jobs, keys)] = await database.rows(
        text("SELECT (SELECT count(*) FROM versions), count(*), count(DISTINCT key) FROM jobs WHERE kind = 'index'")
    )
    assert (versions, jobs, keys) == (SLIDES, SLIDES, SLIDES)
    # Each header was read once; what the killed one had under way, twice at most.
    reads = Counter(seen.target.partition("?")[0] for seen in fault_proxy.gets(".tif"))
    assert len(reads) == SLIDES
    assert sum(count > 1 for count in reads.values()) <= 3


async def test_a_slide_costs_one_head_and_few_gets_and_nothing_once_it_is_known(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    slide = real_slide("CMU-1-Small-Region.svs")
    bucket.put("real.svs", slide)
    bucket.put("plain.tif", plain(200, 150))
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        await indexer.idle(2)
        reads = [seen.body_bytes for seen in fault_proxy.gets("real.svs")]
        size = slide.stat().st_size
        # Its headers first; then, since it has one level of 130 tiles only, these for the overview, each byte once.
        assert sum(reads[:4]) < size / 5
        assert len(reads) <= 6
        assert sum(reads[4:]) < size
        assert len(fault_proxy.gets("plain.tif")) == 1
        assert Counter(seen.target for seen in fault_proxy.seen if seen.method == "HEAD").most_common(1)[0][1] == 1
        before = len(fault_proxy.seen)
        await indexer.scan()
        again = fault_proxy.seen[before:]
        assert [("list-type" in seen.target, seen.method) for seen in again] == [(True, "GET")]


async def _done_by(database: Database) -> dict[str, int]:
    """Slides that each worker has indexed."""
    statement = text("""
        SELECT claimed_by, count(*) FROM jobs WHERE kind = 'index' AND outcome IN ('indexed', 'unchanged') GROUP BY 1
    """)
    return {row[0]: row[1] for row in await database.rows(statement)}


def _fill(bucket: Bucket) -> None:
    for i in range(SLIDES):
        bucket.put(f"{i:03}.tif", plain())
