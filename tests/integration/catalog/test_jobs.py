"""The queue, on a real Postgres."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import EVENT, ON_DEMAND
from wsi_streamer.slides.slide import StoredObject


async def test_the_most_urgent_comes_first_and_no_job_is_claimed_twice(catalog: Catalog) -> None:
    await catalog.jobs.enqueue_keys([f"{i}.svs" for i in range(20)])
    urgent = await catalog.jobs.enqueue("index", key="urgent.svs", priority=ON_DEMAND)
    claims = await asyncio.gather(*(catalog.jobs.claim(f"w{i}", limit=7, lease=60, kinds=("index",)) for i in range(4)))
    claimed = [job.id for jobs in claims for job in jobs]
    assert len(claimed) == len(set(claimed)) == 21
    assert urgent.id in [jobs[0].id for jobs in claims if jobs]


async def test_queueing_again_raises_the_priority_of_the_same_job(catalog: Catalog) -> None:
    first = await catalog.jobs.enqueue("index", key="a.svs")
    again = await catalog.jobs.enqueue("index", key="a.svs", priority=ON_DEMAND, force=True)
    assert (again.id, again.priority, again.force) == (first.id, ON_DEMAND, True)
    assert await catalog.jobs.backlog() == 1
    [running] = await catalog.jobs.claim("w", limit=5, lease=60, kinds=("index",))
    after = await catalog.jobs.enqueue("index", key="a.svs")
    assert after.id != running.id


async def test_a_lease_that_runs_out_gives_the_job_to_another(catalog: Catalog) -> None:
    await catalog.jobs.enqueue("index", key="a.svs")
    [job] = await catalog.jobs.claim("dead", limit=1, lease=0.2, kinds=("index",))
    assert await catalog.jobs.claim("other", limit=1, lease=60, kinds=("index",)) == []
    await catalog.jobs.extend("dead", [job.id], 0.6)
    await asyncio.sleep(0.3)
    assert await catalog.jobs.claim("other", limit=1, lease=60, kinds=("index",)) == []
    await asyncio.sleep(0.4)
    [taken] = await catalog.jobs.claim("other", limit=1, lease=60, kinds=("index",))
    assert (taken.id, taken.attempts) == (job.id, 2)


async def test_a_retry_waits_its_delay_and_yields_to_the_same_job_queued_meanwhile(catalog: Catalog) -> None:
    await catalog.jobs.enqueue("index", key="a.svs")
    [job] = await catalog.jobs.claim("w", limit=1, lease=60, kinds=("index",))
    await catalog.jobs.retry(job.id, delay=0.2, error="storage")
    assert await catalog.jobs.claim("w", limit=1, lease=60, kinds=("index",)) == []
    await asyncio.sleep(0.3)
    [job] = await catalog.jobs.claim("w", limit=1, lease=60, kinds=("index",))
    newer = await catalog.jobs.enqueue("index", key="a.svs")
    await catalog.jobs.retry(job.id, delay=0, error="storage")
    assert [j.id for j in await catalog.jobs.claim("w", limit=5, lease=60, kinds=("index",))] == [newer.id]


async def test_waiting_ends_soon_after_the_job_and_at_the_latest_when_time_is_up(catalog: Catalog) -> None:
    job = await catalog.jobs.enqueue("index", key="a.svs")
    began = time.monotonic()
    assert not (await catalog.jobs.wait(job.id, 0.2)).finished
    assert 0.15 < time.monotonic() - began < 1
    waiting = asyncio.create_task(catalog.jobs.wait(job.id, 10))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await catalog.jobs.finish(job.id, "indexed")
    assert (await waiting).outcome == "indexed"
    assert time.monotonic() - began < 0.45


async def test_a_parent_tells_how_far_its_jobs_are(catalog: Catalog) -> None:
    for key in ("p/a.svs", "p/b.svs", "q.svs"):
        await catalog.objects.observe(StoredObject(key, '"1"', 1))
    parent = await catalog.jobs.enqueue("reindex")
    other = await catalog.jobs.enqueue("reindex")
    assert parent.id != other.id
    assert await catalog.jobs.enqueue_slides("p/", force=True, parent_id=parent.id) == 2
    jobs = await catalog.jobs.claim("w", limit=5, lease=60, kinds=("index",))
    assert all(job.force for job in jobs)
    await catalog.jobs.finish(jobs[0].id, "indexed")
    await catalog.jobs.finish(jobs[1].id, "gave up", "storage")
    progress = await catalog.jobs.progress(parent.id)
    assert (progress.total, progress.done, progress.failed) == (2, 1, 1)
    await catalog.jobs.prune(timedelta(0), absent=timedelta(0))
    assert await catalog.jobs.get(jobs[0].id) is None


async def test_one_scan_or_reindex_at_a_time_whoever_asks_and_never_together_with_slides(catalog: Catalog) -> None:
    await catalog.jobs.enqueue("scan")
    await catalog.jobs.enqueue("reindex")
    kinds = ("scan", "reindex")
    claims = await asyncio.gather(*(catalog.jobs.claim(f"w{i}", limit=1, lease=60, kinds=kinds) for i in range(4)))
    [running] = [job for jobs in claims for job in jobs]
    assert await catalog.jobs.claim("w", limit=1, lease=60, kinds=kinds) == []
    await catalog.jobs.finish(running.id, "scanned")
    [other] = await catalog.jobs.claim("w", limit=1, lease=60, kinds=kinds)
    assert other.kind != running.kind
    with pytest.raises(ValueError, match="apart"):
        await catalog.jobs.claim("w", limit=1, lease=60, kinds=("index", "scan"))


async def test_a_retry_that_yields_is_finished_and_forgotten_in_time(catalog: Catalog) -> None:
    await catalog.jobs.enqueue("index", key="a.svs")
    [job] = await catalog.jobs.claim("w", limit=1, lease=60, kinds=("index",))
    await catalog.jobs.enqueue("index", key="a.svs")
    await catalog.jobs.retry(job.id, delay=0, error="storage")
    found = await catalog.jobs.get(job.id)
    assert found is not None
    assert found.finished
    await catalog.jobs.prune(timedelta(0), absent=timedelta(0))
    assert await catalog.jobs.get(job.id) is None


async def test_what_viewers_asked_for_in_vain_is_forgotten_sooner(catalog: Catalog) -> None:
    jobs = {}
    for key, priority, outcome in (
        ("guessed.svs", ON_DEMAND, "absent"),
        ("deleted.svs", EVENT, "absent"),
        ("found.svs", ON_DEMAND, "indexed"),
    ):
        jobs[key] = (await catalog.jobs.enqueue("index", key=key, priority=priority)).id
        await catalog.jobs.finish(jobs[key], outcome)
    waiting = await catalog.jobs.enqueue("index", key="guessed.svs", priority=ON_DEMAND)
    await catalog.jobs.prune(timedelta(days=1), absent=timedelta(minutes=1))
    assert all([await catalog.jobs.get(job) for job in jobs.values()])
    await catalog.jobs.prune(timedelta(days=1), absent=timedelta(0))
    assert await catalog.jobs.get(jobs.pop("guessed.svs")) is None
    assert all([await catalog.jobs.get(job) for job in (*jobs.values(), waiting.id)])


async def test_slides_are_queued_by_prefix_in_bytes_and_keys_that_can_not_be_are_left_out(catalog: Catalog) -> None:
    for key in ("a%/1.svs", "a%/2.svs", "a%0.svs", "ab/3.svs", "病理/4.svs"):
        await catalog.objects.observe(StoredObject(key, '"1"', 1))
    assert await catalog.jobs.enqueue_slides("a%/", force=False, parent_id=None) == 2
    assert await catalog.jobs.enqueue_slides("病", force=False, parent_id=None) == 1
    assert await catalog.jobs.enqueue_slides("", force=False, parent_id=None) == 5
    assert await catalog.jobs.enqueue_keys(["x\0.svs", "y\udc00.svs", "z.svs", "z.svs"]) == 1
    assert await catalog.jobs.backlog() == 6


async def test_pending_slides_without_a_job_get_one(catalog: Catalog) -> None:
    for key in ("a.svs", "b.svs"):
        await catalog.objects.observe(StoredObject(key, '"1"', 1))
    await catalog.jobs.enqueue("index", key="a.svs")
    assert await catalog.jobs.enqueue_pending() == 1
    assert await catalog.jobs.enqueue_pending() == 0
