"""Scans of a real bucket: what is found, changed, refused, gone."""

from __future__ import annotations

import asyncio

from tests.support.fault_proxy import Fault, FaultProxy, Seen
from tests.support.indexing import indexing
from tests.support.odd_keys import ODD_KEYS
from tests.support.s3server import Bucket
from tests.support.slides import real_slides_dir
from tests.support.tiffs import plain
from wsi_streamer.slides.slide import SlideStatus

REFUSED = {"test3-DAPI-2-(387).ndpi"}


async def test_real_slides_are_indexed_and_what_is_not_served_is_named_and_stops_nothing(
    bucket: Bucket, database_url: str
) -> None:
    files = [p for p in real_slides_dir().iterdir() if p.suffix in (".svs", ".tif", ".tiff", ".ndpi")]
    for path in files:
        bucket.put(path.name, path)
    bucket.put("cut off.svs", next(p for p in files if p.suffix == ".svs").read_bytes()[:5_000])
    bucket.put("no slide.tif", b"not a TIFF at all")
    bucket.put("readme.txt", b"no slide")
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        rows = await indexer.idle(len(files) + 2)
        scan = await indexer.catalog.scans.last()
    assert "readme.txt" not in rows
    served = {key for key, row in rows.items() if row.status is SlideStatus.INDEXED}
    assert served == {p.name for p in files} - REFUSED
    assert rows["cut off.svs"].status is SlideStatus.FAILED
    assert all(row.error for key, row in rows.items() if key not in served)
    assert all(rows[key].status is SlideStatus.UNSUPPORTED for key in REFUSED)
    assert scan is not None
    assert (scan.totals.listed, scan.totals.found, scan.error) == (len(files) + 3, len(files) + 2, None)


async def test_odd_keys_are_indexed_and_a_second_scan_finds_nothing_to_do(bucket: Bucket, database_url: str) -> None:
    for key in ODD_KEYS:
        bucket.put(key, plain())
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        rows = await indexer.idle(len(ODD_KEYS))
        assert {key for key, row in rows.items() if row.status is SlideStatus.INDEXED} == set(ODD_KEYS)
        assert indexer.counted("indexed") == len(ODD_KEYS)
        requests = indexer.metrics.s3_requests.labels("head", "200")._value.get()
        await indexer.scan()
        scan = await indexer.catalog.scans.last()
        assert scan is not None
        assert (scan.totals.found, scan.totals.changed, scan.totals.vanished) == (0, 0, 0)
        assert indexer.metrics.s3_requests.labels("head", "200")._value.get() == requests
        assert await indexer.rows() == rows


async def test_a_replaced_object_is_indexed_anew_under_the_same_opaque_id(bucket: Bucket, database_url: str) -> None:
    bucket.put("a.tif", plain(64, 64))
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        before = (await indexer.idle(1))["a.tif"]
        bucket.put("a.tif", plain(128, 96))
        await indexer.scan()
        after = (await indexer.rows())["a.tif"]
        assert (after.id, after.width, after.height) == (before.id, 128, 96)
        assert after.version != before.version
        bucket.put("a.tif", b"replaced by rubbish")
        await indexer.scan()
        broken = (await indexer.rows())["a.tif"]
        assert (broken.id, broken.version) == (before.id, None)
        assert broken.status in (SlideStatus.FAILED, SlideStatus.UNSUPPORTED)


async def test_an_object_replaced_while_its_header_is_read_is_read_again(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    bucket.put("a.tif", plain(64, 64))
    replaced = 0

    async def replace(seen: Seen) -> None:
        nonlocal replaced
        if seen.method == "GET" and "a.tif" in seen.target and replaced < 2:
            replaced += 1
            await asyncio.to_thread(bucket.put, "a.tif", plain(64 + 32 * replaced, 64))

    fault_proxy.before = replace
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        row = (await indexer.idle(1))["a.tif"]
        assert (row.status, row.width) == (SlideStatus.INDEXED, 128)
        heads = [seen for seen in fault_proxy.seen if seen.method == "HEAD"]
        assert len(heads) == 3
        found = await indexer.catalog.explain.slide("a.tif")
        assert found is not None
        assert [version["etag"] for version in found["versions"]] == [found["etag"]]


async def test_slides_vanish_after_two_scans_and_never_more_than_half_at_once(
    bucket: Bucket, database_url: str
) -> None:
    keys = [f"{name}.tif" for name in "abcdef"]
    for key in keys:
        bucket.put(key, plain())
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        await indexer.idle(6)
        bucket.delete("a.tif")
        await indexer.scan()
        assert set(await indexer.rows()) == set(keys)
        await indexer.scan()
        assert set(await indexer.rows()) == set(keys[1:])
        for key in keys[1:5]:
            bucket.delete(key)
        for _ in range(3):
            await indexer.scan()
        assert set(await indexer.rows()) == set(keys[1:])
        scan = await indexer.catalog.scans.last()
        assert scan is not None
        assert (scan.totals.vanished, scan.totals.held_back) == (0, 4)
        await indexer.scan(force=True)
        assert set(await indexer.rows()) == {"f.tif"}


async def test_a_slide_vanishes_after_as_many_scans_as_the_settings_say(bucket: Bucket, database_url: str) -> None:
    for key in ("a.tif", "b.tif", "c.tif"):
        bucket.put(key, plain())
    endpoint = bucket.server.endpoint
    async with indexing(database_url, bucket.name, endpoint, deletion_grace_scans=3) as indexer:
        await indexer.idle(3)
        bucket.delete("a.tif")
        for _ in range(2):
            await indexer.scan()
            assert "a.tif" in await indexer.rows()
        await indexer.scan()
        assert "a.tif" not in await indexer.rows()


async def test_two_sources_in_one_database_leave_each_other_alone(bucket: Bucket, database_url: str) -> None:
    bucket.put("one/a.tif", plain())
    bucket.put("two/a.tif", plain())
    bucket.put("two/b.tif", plain())
    endpoint = bucket.server.endpoint
    async with (
        indexing(database_url, bucket.name, endpoint, s3_prefix="one/") as one,
        indexing(database_url, bucket.name, endpoint, s3_prefix="two/") as two,
    ):
        assert set(await one.idle(1)) == {"one/a.tif"}
        assert set(await two.idle(2)) == {"two/a.tif", "two/b.tif"}
        for _ in range(2):
            await one.scan(force=True)
        assert set(await two.rows()) == {"two/a.tif", "two/b.tif"}
        job = await one.catalog.jobs.enqueue("index", key="two/a.tif")
        assert (await one.catalog.jobs.wait(job.id, 10)).outcome == "absent"
        assert set(await one.rows()) == {"one/a.tif"}


async def test_slides_are_indexed_while_the_scan_still_runs(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    await asyncio.to_thread(_fill, bucket, others=970, slides=40)
    held, release = asyncio.Event(), asyncio.Event()

    async def hold_second_page(seen: Seen) -> None:
        if "continuation-token" in seen.target:
            held.set()
            await release.wait()

    fault_proxy.before = hold_second_page
    async with indexing(database_url, bucket.name, fault_proxy.endpoint, s3_timeout=60) as indexer:
        await held.wait()
        async with asyncio.timeout(30):
            while indexer.counted("indexed") < 20:  # noqa: ASYNC110 - it is a counter
                await asyncio.sleep(0.05)
        scan = await indexer.catalog.scans.last()
        assert scan is not None
        assert scan.finished_at is None
        release.set()
        rows = await indexer.idle(40)
    assert {row.status for row in rows.values()} == {SlideStatus.INDEXED}


async def test_a_scan_that_fails_marks_nothing_and_says_why(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    for key in ("a.tif", "b.tif", "c.tif"):
        bucket.put(key, plain())
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        await indexer.idle(3)
        for key in ("a.tif", "b.tif", "c.tif"):
            bucket.delete(key)
        fault_proxy.applies_to = lambda seen: "list-type" in seen.target
        fault_proxy.faults = [Fault(status=403, body=b"<Error><Code>AccessDenied</Code></Error>")] * 2
        job = await indexer.catalog.jobs.enqueue("scan", force=True)
        await asyncio.sleep(0.5)
        scan = await indexer.catalog.scans.last()
        assert scan is not None
        assert scan.error is not None
        assert "credentials" in scan.error
        assert len(await indexer.rows()) == 3
        # Tried again by itself, and done once the store answers.
        assert (await indexer.catalog.jobs.wait(job.id, 20)).outcome == "scanned"
        assert await indexer.rows() == {}


def _fill(bucket: Bucket, *, others: int, slides: int) -> None:
    """Slides behind other objects that take up most of the listing's first page."""
    client, data = bucket.server.client(), plain()
    for i in range(others):
        client.put_object(Bucket=bucket.name, Key=f"a/{i:04}.txt", Body=b"")
    for i in range(slides):
        client.put_object(Bucket=bucket.name, Key=f"b/{i:04}.tif", Body=data)
