"""What a worker reads from S3 for a screen of tiles, counted at a proxy 20 ms away from a real server."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterable

import httpx
import pytest
import tifffile

from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.in_process import Running, running, wait_indexed
from tests.support.marked_slide import mark, marked_slide
from tests.support.s3server import Bucket
from wsi_streamer.tiles.reading import hints

KEY = "marked.tif"
SECRET = "a secret of thirty-two characters"
GRIDS = ((64, 48), (32, 24), (8, 6), (4, 3))
SLIDE = marked_slide(*GRIDS)
Position = tuple[int, int]


@pytest.fixture
async def indexed(bucket: Bucket, database_url: str, fault_proxy: FaultProxy) -> FaultProxy:
    """A bucket with the slide, indexed by a process that is gone."""
    bucket.put(KEY, SLIDE)
    async with running(database_url, bucket.name, fault_proxy.endpoint) as services:
        await wait_indexed(services.catalog, 1)
    fault_proxy.seen.clear()
    fault_proxy.latency = 0.02
    return fault_proxy


@pytest.fixture
async def worker(indexed: FaultProxy, bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    async with running(database_url, bucket.name, indexed.endpoint, indexer=False) as worker:
        yield worker


def screen(left: int, top: int, width: int, height: int) -> list[Position]:
    return [(left + x, top + y) for y in range(height) for x in range(width)]


async def get_all(worker: Running, level: int, tiles: Iterable[Position], connections: int = 6) -> None:
    """As a browser asks: so many at a time. Each answer is the tile that was asked for."""
    left = iter(tiles)

    async def connection() -> None:
        for x, y in left:
            response = await worker.http.get(f"/tiles/{KEY}/{level}/{x}/{y}.jpg")
            assert response.status_code == 200, response.text
            assert re.findall(rb"<tile [^>]*>", response.content) == [mark(level, x, y)]

    await asyncio.gather(*(connection() for _ in range(connections)))


async def settled(proxy: FaultProxy) -> None:
    """Until nothing more is read."""
    count = -1
    while count != len(proxy.seen):
        count = len(proxy.seen)
        await asyncio.sleep(0.1)


async def test_a_screen_is_read_by_its_rows_once_the_viewers_window_is_known(
    worker: Running, indexed: FaultProxy
) -> None:
    for top in (0, 10):  # the window is learned
        await get_all(worker, 0, screen(2, top, 10, 6))
        await settled(indexed)
    reads = []
    for left in (18, 34, 50):
        indexed.seen.clear()
        await get_all(worker, 0, screen(left, 20, 10, 6))
        await settled(indexed)
        reads.append((len(indexed.gets()), sum(s.body_bytes for s in indexed.gets())))
    # The best of some: on a busy machine even this client may not ask for a screen within a moment.
    assert min(count for count, _ in reads) <= 6 + 3
    assert min(size for _, size in reads) <= 1.35 * bytes_of(0, screen(50, 20, 10, 6))
    assert all(s.body_bytes <= 262_144 for s in indexed.gets())
    assert all(s.headers["if-match"] for s in indexed.gets())
    indexed.seen.clear()
    await get_all(worker, 0, screen(34, 20, 10, 6))
    assert not indexed.seen


async def test_a_lone_tile_is_read_alone_and_so_are_tiles_far_apart(worker: Running, indexed: FaultProxy) -> None:
    far = [(3, 3), (25, 3), (50, 3), (3, 20), (25, 20), (50, 20), (3, 36), (50, 36)]
    await get_all(worker, 0, far, connections=8)
    await settled(indexed)
    assert len(indexed.gets()) == len(far)
    assert sum(s.body_bytes for s in indexed.gets()) == bytes_of(0, far)


async def test_a_small_level_comes_in_one_read_with_its_second_tile(worker: Running, indexed: FaultProxy) -> None:
    await get_all(worker, 3, [(1, 1)])
    await settled(indexed)
    assert [s.body_bytes for s in indexed.gets()] == [bytes_of(3, [(1, 1)])]
    await get_all(worker, 3, [(3, 2)])
    await settled(indexed)
    assert len(indexed.gets()) == 2
    await get_all(worker, 3, screen(0, 0, 4, 3))
    assert len(indexed.gets()) == 2


async def test_no_read_is_longer_than_the_block_size(indexed: FaultProxy, bucket: Bucket, database_url: str) -> None:
    async with running(database_url, bucket.name, indexed.endpoint, indexer=False, block_size=50_000) as worker:
        await get_all(worker, 0, screen(4, 4, 12, 4))
        await settled(indexed)
    assert 25_000 <= max(s.body_bytes for s in indexed.gets()) <= 50_000


async def test_a_hint_reads_each_row_once_and_the_tiles_wait_for_it(worker: Running, indexed: FaultProxy) -> None:
    await worker.http.get(f"/slides/{KEY}")
    hint = {"level": 0, "x": 7, "y": 5, "width": 9, "height": 6}
    response = await worker.http.post(f"/tiles/{KEY}/prefetch", json=hint)
    assert (response.status_code, response.content) == (202, b"")
    await get_all(worker, 0, screen(7, 5, 9, 6))
    await settled(indexed)
    # One or two more where the slide was just closed (by the poll for changes) and the hint waited for it.
    assert 6 <= len(indexed.gets()) <= 8
    assert sum(s.body_bytes for s in indexed.gets()) <= 1.2 * bytes_of(0, screen(7, 5, 9, 6))


async def test_a_hint_for_a_slide_that_is_not_open_is_taken(worker: Running, indexed: FaultProxy) -> None:
    hint = {"level": 1, "x": 27, "y": 19, "width": 50, "height": 5}  # reaches beyond the level's edge
    assert (await worker.http.post(f"/tiles/{KEY}/prefetch", json=hint)).status_code == 202
    await settled(indexed)
    await get_all(worker, 1, screen(27, 19, 5, 5))
    assert len(indexed.gets()) == 5


@pytest.mark.parametrize(
    ("hint", "code"),
    [
        ({"level": 9, "x": 0, "y": 0, "width": 1, "height": 1}, "invalid_level"),
        ({"level": 0, "x": 64, "y": 0, "width": 1, "height": 1}, "tile_out_of_bounds"),
        ({"level": 0, "x": 0, "y": 0, "width": 60, "height": 40}, "invalid_request"),
        ({"level": 0, "x": -1, "y": 0, "width": 1, "height": 1}, "invalid_request"),
        ({"level": 0, "x": 0, "y": 0, "width": 0, "height": 1}, "invalid_request"),
        ({"level": 0, "x": 2**70, "y": 0, "width": 1, "height": 1}, "invalid_request"),
        ({"level": 0, "x": 0, "y": 0, "width": 1}, "invalid_request"),
        ({"level": "zero", "x": 0, "y": 0, "width": 1, "height": 1}, "invalid_request"),
        ([1, 2], "invalid_request"),
    ],
)
async def test_a_hint_that_makes_no_sense_is_refused(
    worker: Running, indexed: FaultProxy, hint: object, code: str
) -> None:
    for _ in range(5):
        await worker.http.get(f"/slides/{KEY}")
        response = await worker.http.post(f"/tiles/{KEY}/prefetch", json=hint)
        # The poll for changes may just have closed the slide, of which nothing can be said then.
        if response.status_code != 202:
            break
    assert (response.status_code, response.json()["error"]) == (400, code), response.text
    assert not indexed.gets()


async def test_a_hint_is_bounded_and_not_for_those_who_may_not_see_the_slide(
    indexed: FaultProxy, bucket: Bucket, database_url: str
) -> None:
    hint = {"level": 0, "x": 0, "y": 0, "width": 2, "height": 2}
    async with running(
        database_url, bucket.name, indexed.endpoint, indexer=False, auth_enabled=True, auth_secret=SECRET
    ) as worker:
        path = f"/tiles/{KEY}/prefetch"
        exp = int(worker.service.context.now()) + 60
        token = worker.service.context.gate.links.viewer_token(KEY, exp)
        other = worker.service.context.gate.links.viewer_token("other.tif", exp)
        for query, status in (("", 401), (f"?exp={exp}&vt={other}", 401), (f"?exp={exp}&vt={token}", 202)):
            assert (await worker.http.post(path + query, json=hint)).status_code == status
        await settled(indexed)
        assert len(indexed.gets()) == 2
        allowed, json = f"{path}?exp={exp}&vt={token}", {"content-type": "application/json"}
        assert (await worker.http.post(allowed, content=b" " * 5_000, headers=json)).status_code == 413
        for body in (b"{}", b"[" * 1000, b'{"level":' * 100):
            assert (await worker.http.post(allowed, content=body, headers=json)).status_code == 400
        # What any page may send without asking (CORS) is not taken; and who has no right learns nothing of the body.
        assert (
            await worker.http.post(allowed, content=b"{}", headers={"content-type": "text/plain"})
        ).status_code == 415
        assert (await worker.http.post(path, content=b" " * 5_000, headers=json)).status_code == 401
        assert (await worker.http.get(path)).status_code == 404
        assert (await worker.http.put(path)).headers["allow"] == "POST, OPTIONS"


async def test_who_hangs_up_amid_a_screen_takes_nothing_from_others(worker: Running, indexed: FaultProxy) -> None:
    indexed.latency = 0.3
    tiles = screen(10, 10, 6, 4)
    host, port = worker.url.removeprefix("http://").split(":")
    for x, y in tiles[:6]:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET /tiles/{KEY}/0/{x}/{y}.jpg HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await writer.drain()
        asyncio.get_running_loop().call_later(0.05, writer.transport.abort)
    await asyncio.sleep(0.1)
    await get_all(worker, 0, tiles, connections=24)
    await settled(indexed)
    asked = [s.headers["range"] for s in indexed.gets()]
    assert len(asked) == len(set(asked))
    assert sum(s.body_bytes for s in indexed.gets()) <= bytes_of(0, screen(9, 9, 12, 8))


async def test_a_read_that_breaks_off_is_taken_up_again_and_no_tile_is_wrong(
    worker: Running, indexed: FaultProxy
) -> None:
    indexed.faults = [Fault(cut_body=20_000), Fault(reset=True), Fault(status=503), Fault(cut_body=1)]
    await get_all(worker, 0, screen(5, 5, 8, 5))
    assert not indexed.faults


async def test_a_read_that_fails_for_good_is_told_to_those_who_asked_and_tried_anew_by_the_next(
    indexed: FaultProxy, bucket: Bucket, database_url: str
) -> None:
    async with running(database_url, bucket.name, indexed.endpoint, indexer=False, s3_max_attempts=1) as worker:
        await worker.http.get(f"/slides/{KEY}")
        indexed.faults = [Fault(status=500)] * 50
        answers = await asyncio.gather(*(worker.http.get(f"/tiles/{KEY}/0/{x}/3.jpg") for x in range(6)))
        assert {(a.status_code, a.json()["error"]) for a in answers} == {(502, "connection_error")}
        indexed.faults = []
        await get_all(worker, 0, screen(0, 0, 8, 5))


async def test_an_object_replaced_amid_a_screen_never_gives_a_mixed_tile(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy
) -> None:
    bucket.put(KEY, SLIDE)
    other = marked_slide((50, 30), (25, 15))
    async with running(database_url, bucket.name, fault_proxy.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        fault_proxy.latency = 0.05
        asking = asyncio.gather(
            *(services.http.get(f"/tiles/{KEY}/0/{x}/{y}.jpg") for x, y in screen(2, 2, 8, 5)), return_exceptions=True
        )
        await asyncio.sleep(0.02)
        bucket.put(KEY, other)
        for answer, (x, y) in zip(await asking, screen(2, 2, 8, 5), strict=True):
            assert isinstance(answer, httpx.Response)
            assert answer.status_code in (200, 409, 503)
            if answer.status_code == 200:
                assert re.findall(rb"<tile [^>]*>", answer.content) == [mark(0, x, y)]


async def test_what_was_read_ahead_is_counted(worker: Running, indexed: FaultProxy) -> None:
    await get_all(worker, 0, screen(4, 4, 8, 5))
    await settled(indexed)
    values = {
        result: worker.metrics.read_ahead.labels(result)._value.get()
        for result in ("guessed", "used", "hinted", "dropped")
    }
    assert values["guessed"] >= values["used"] > 0
    assert values["hinted"] == values["dropped"] == 0


def bytes_of(level: int, tiles: Iterable[Position]) -> int:
    """What the tiles themselves take in the file."""
    return sum(_counts(level)[y * GRIDS[level][0] + x] for x, y in tiles)


def _counts(level: int) -> tuple[int, ...]:
    with tifffile.TiffFile(io.BytesIO(SLIDE)) as tiff:
        return tuple(tiff.pages[level].databytecounts)


@pytest.mark.parametrize("is_open", [True, False])
async def test_a_hint_beyond_the_limit_leaves_its_tiles_to_be_asked_for(
    worker: Running, indexed: FaultProxy, monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    monkeypatch.setattr(hints, "MAX_UNDER_WAY", 30_000)
    if is_open:
        await worker.http.get(f"/slides/{KEY}")
    hint = {"level": 0, "x": 7, "y": 5, "width": 9, "height": 6}
    assert (await worker.http.post(f"/tiles/{KEY}/prefetch", json=hint)).status_code == 202
    async with asyncio.timeout(20):
        await get_all(worker, 0, screen(7, 5, 9, 6))
    await settled(indexed)
    assert worker.metrics.read_ahead.labels("dropped")._value.get() > 0
    assert sum(s.body_bytes for s in indexed.gets()) <= 3 * bytes_of(0, screen(7, 5, 9, 6))
