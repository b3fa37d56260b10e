"""What a cold worker asks of S3, counted at a proxy in front of a real server."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import tifffile

from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.in_process import running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"


@pytest.fixture
async def indexed(bucket: Bucket, database_url: str, fault_proxy: FaultProxy) -> FaultProxy:
    """A bucket with one slide, indexed by a process that is gone."""
    bucket.put(SLIDE, real_slide(SLIDE))
    async with running(database_url, bucket.name, fault_proxy.endpoint) as services:
        await wait_indexed(services.catalog, 1)
    fault_proxy.seen.clear()
    return fault_proxy


async def test_a_cold_workers_first_tile_is_one_get_of_exactly_its_bytes(
    indexed: FaultProxy, bucket: Bucket, database_url: str
) -> None:
    with tifffile.TiffFile(real_slide(SLIDE)) as tiff:
        page = tiff.pages[0]
        offset, count = page.dataoffsets[3 * 10 + 4], page.databytecounts[3 * 10 + 4]
    async with running(database_url, bucket.name, indexed.endpoint, indexer=False) as worker:
        response = await worker.http.get(f"/tiles/{SLIDE}/0/4/3.jpg")
        assert response.status_code == 200
        assert response.headers["x-tile-cache-hit"] == "false"
        assert len(indexed.seen) == 1
        [get] = indexed.seen
        assert get.method == "GET"
        assert get.headers["range"] == f"bytes={offset}-{offset + count - 1}"
        assert get.body_bytes == count
        assert get.headers["if-match"]
        again = await worker.http.get(f"/tiles/{SLIDE}/0/4/3.jpg")
        assert again.headers["x-tile-cache-hit"] == "true"
        assert again.content == response.content
        assert len(indexed.seen) == 1


async def test_a_hundred_clients_one_get_and_those_who_hang_up_harm_nobody(
    indexed: FaultProxy, bucket: Bucket, database_url: str
) -> None:
    indexed.latency = 0.5
    async with running(database_url, bucket.name, indexed.endpoint, indexer=False) as worker:
        host, port = worker.url.removeprefix("http://").split(":")
        request = f"GET /tiles/{SLIDE}/0/4/3.jpg HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()

        async def client(hang_up: bool) -> bytes:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(request)
            await writer.drain()
            if hang_up:
                await asyncio.sleep(0.1)
                writer.transport.abort()
                return b""
            with contextlib.closing(writer):
                return await reader.read()

        # The first to ask, whose request began the fetch, hangs up too.
        answers = await asyncio.gather(*(client(i % 2 == 0) for i in range(100)))
        served = [answer for answer in answers if answer]
        assert len(served) == 50
        assert all(answer.startswith(b"HTTP/1.1 200") for answer in served)
        assert len({answer.partition(b"\r\n\r\n")[2] for answer in served}) == 1
        assert len(indexed.seen) == 1


async def test_many_cold_deep_zoom_tiles_are_read_in_merged_ranges(
    indexed: FaultProxy, bucket: Bucket, database_url: str
) -> None:
    async with running(database_url, bucket.name, indexed.endpoint, indexer=False) as worker:
        response = await worker.http.get(f"/slides/{SLIDE}/dzi_files/10/0_0.jpg")
        assert response.status_code == 200
        gets = indexed.gets()  # 16 stored tiles, in four runs of the file
        assert 1 <= len(gets) <= 8
        assert all(get.body_bytes <= 262_144 for get in gets)


async def test_storage_faults_reach_the_client_as_codes_and_pass(
    indexed: FaultProxy, bucket: Bucket, database_url: str
) -> None:
    async with running(database_url, bucket.name, indexed.endpoint, indexer=False, s3_timeout=2) as worker:
        indexed.faults = [Fault(status=403)]
        denied = await worker.http.get(f"/tiles/{SLIDE}/0/1/1.jpg")
        assert (denied.status_code, denied.json()["error"]) == (500, "storage_error")
        indexed.faults = [Fault(reset=True)] * 10
        unreachable = await worker.http.get(f"/tiles/{SLIDE}/0/1/1.jpg")
        assert (unreachable.status_code, unreachable.json()["error"]) == (502, "connection_error")
        assert unreachable.headers["cache-control"] == "no-store"
        for answer in (denied, unreachable):
            assert bucket.name not in answer.text
            assert "127.0.0.1" not in answer.text
        indexed.faults = []
        assert (await worker.http.get(f"/tiles/{SLIDE}/0/1/1.jpg")).status_code == 200
