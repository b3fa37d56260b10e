"""NOTIFY reaches subscribers, and a break is made good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.support.postgres import execute
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.notifications import JOBS_CHANNEL, SLIDES_CHANNEL, Listener
from wsi_streamer.slides.slide import StoredObject


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the condition is a list that someone else fills
            await asyncio.sleep(0.01)


async def test_slides_and_jobs_are_told_by_source_and_id_but_not_what_is_as_known(
    catalog: Catalog, database_url: str
) -> None:
    listener = await Listener.start(database_url)
    heard: list[str] = []
    listener.subscribe(SLIDES_CHANNEL, heard.append)
    listener.subscribe(JOBS_CHANNEL, heard.append)
    await until(lambda: heard == ["", ""])
    slide_id = await catalog.objects.observe(StoredObject("a.svs", '"1"', 1))
    job = await catalog.jobs.enqueue("index", key="a.svs")
    expected = ["", "", f"{catalog.source_id}:{slide_id}", f"{catalog.source_id}:{job.id}:queued"]
    await until(lambda: heard == expected)
    await catalog.objects.observe(StoredObject("a.svs", '"1"', 1))
    result = await catalog.objects.reconcile([StoredObject("a.svs", '"1"', 1)], after="", until=None)
    assert (result.new, result.changed) == ([], [])
    await catalog.jobs.finish(job.id, "indexed")
    await until(lambda: heard == [*expected, f"{catalog.source_id}:{job.id}:finished"])
    await listener.aclose()


async def test_after_a_break_subscribers_hear_that_anything_may_have_changed(
    catalog: Catalog, database_url: str
) -> None:
    listener = await Listener.start(database_url)
    heard: list[str] = []

    def faulty(payload: str) -> None:
        raise ZeroDivisionError

    listener.subscribe(SLIDES_CHANNEL, faulty)
    unsubscribe = listener.subscribe(SLIDES_CHANNEL, heard.append)
    await until(lambda: heard == [""])
    for times in (2, 3):
        await execute(
            database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()",
        )
        await until(lambda times=times: heard == [""] * times)  # type: ignore[misc]
    slide_id = await catalog.objects.observe(StoredObject("a.svs", '"1"', 1))
    await until(lambda: heard[-1] == f"{catalog.source_id}:{slide_id}")
    unsubscribe()
    unsubscribe()
    await catalog.objects.observe(StoredObject("a.svs", '"2"', 1))
    await asyncio.sleep(0.1)
    assert len(heard) == 4
    await listener.aclose()
