"""Scans at their times: one a time however many indexers there are, and one for all that were missed."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import text

from tests.support.indexing import indexing
from tests.support.s3server import Bucket
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.indexer.scan_schedule import ScanSchedule
from wsi_streamer.indexer.scan_times import ScanTimes

EACH_SECOND = ScanTimes("* * * * * *")
"""Finer than `ScanTimes.of` allows."""
NEW_YEAR = ScanTimes.of("0 0 1 1 *")


async def test_indexers_queue_one_scan_for_a_time_between_them(catalog: Catalog, database: Database) -> None:
    began = await catalog.scans.clock()
    schedules = [asyncio.create_task(ScanSchedule(catalog, 300, EACH_SECOND).run()) for _ in range(4)]
    scans = asyncio.create_task(_scan(catalog))
    try:
        await asyncio.sleep(3.5)
    finally:
        for task in (*schedules, scans):
            task.cancel()
        await asyncio.gather(*schedules, scans, return_exceptions=True)
    created = await _created(database, began)
    # The four at the start come as they come; from then on each second has one.
    later = [when for when in created if when > created[0] + timedelta(seconds=1)]
    assert len(later) >= 2
    assert len({when.replace(microsecond=0) for when in later}) == len(later)


async def test_missed_times_are_made_up_for_by_one_scan(catalog: Catalog, database: Database) -> None:
    await _past_scan(catalog, database, "3 years")
    began = await catalog.scans.clock()
    due = NEW_YEAR.latest(began)
    asked = await asyncio.gather(*(catalog.jobs.enqueue_scan_since(due) for _ in range(8)))
    assert asked.count(True) == 1
    assert len(await _created(database, began)) == 1
    [job] = await catalog.jobs.claim("w", limit=1, lease=60, kinds=("scan", "reindex"))
    assert not await catalog.jobs.enqueue_scan_since(due), "it is under way"
    await catalog.scans.begin()
    await catalog.jobs.finish(job.id, "done")
    assert not await catalog.jobs.enqueue_scan_since(due), "it is done"
    assert await catalog.jobs.enqueue_scan_since(began + timedelta(days=400)), "the next time has its own"


async def test_a_scan_that_failed_is_made_up_for(catalog: Catalog, database: Database) -> None:
    due = NEW_YEAR.latest(await catalog.scans.clock())
    assert await catalog.jobs.enqueue_scan_since(due)
    [job] = await catalog.jobs.claim("w", limit=1, lease=60, kinds=("scan", "reindex"))
    await catalog.scans.begin()
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE scans SET finished_at = now(), error = 'the store is away'"))
    await catalog.jobs.finish(job.id, "failed")
    assert await catalog.jobs.enqueue_scan_since(due)


async def test_a_long_scan_that_began_before_a_time_does_not_count_for_it(catalog: Catalog, database: Database) -> None:
    await catalog.jobs.enqueue("scan")
    await catalog.jobs.claim("w", limit=1, lease=600, kinds=("scan", "reindex"))
    await _past_scan(catalog, database, "1 hour")
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE jobs SET created_at = now() - interval '1 hour'"))
    assert await catalog.jobs.enqueue_scan_since(await catalog.scans.clock() - timedelta(minutes=1))


async def test_other_sources_have_their_own_scans(catalog: Catalog, database: Database) -> None:
    async with database.transaction() as connection:
        other = (
            await connection.execute(
                text("INSERT INTO sources (endpoint, bucket, prefix) VALUES ('http://s3', 'other', '') RETURNING id")
            )
        ).scalar_one()
    due = NEW_YEAR.latest(await catalog.scans.clock())
    assert await catalog.jobs.enqueue_scan_since(due)
    assert await Catalog(database, other).jobs.enqueue_scan_since(due)


async def test_a_schedule_beats_the_interval_and_the_first_scan_comes_at_once(
    bucket: Bucket, database_url: str
) -> None:
    options = {"scan_interval": 0.05, "scan_schedule": "0 0 1 1 *"}
    async with indexing(database_url, bucket.name, bucket.server.endpoint, **options) as indexer:
        await indexer.idle()
        first = await indexer.catalog.scans.last()
        await asyncio.sleep(1)
        assert await indexer.catalog.scans.last() == first


async def _scan(catalog: Catalog) -> None:
    """An indexer's part of it: each scan takes no time."""
    while True:
        for job in await catalog.jobs.claim("w", limit=1, lease=60, kinds=("scan", "reindex")):
            await catalog.scans.begin()
            await catalog.jobs.finish(job.id, "done")
        await asyncio.sleep(0.01)


async def _created(database: Database, since: datetime) -> list[datetime]:
    statement = text("SELECT created_at FROM jobs WHERE kind = 'scan' AND created_at >= :since ORDER BY created_at")
    return [row.created_at for row in await database.rows(statement, {"since": since})]


async def _past_scan(catalog: Catalog, database: Database, age: str) -> None:
    scan = await catalog.scans.begin()
    async with database.transaction() as connection:
        statement = text("UPDATE scans SET started_at = now() - CAST(CAST(:age AS text) AS interval) WHERE id = :id")
        await connection.execute(statement, {"age": age, "id": scan})
