"""Decoding for viewers that have moved on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import httpx

from tests.samples import ensure_samples
from tests.support.in_process import running, wait_indexed
from tests.support.s3server import Bucket

KEY = "synthetic-jpeg2000.svs"
TILES = [(x, y) for y in range(5) for x in range(6)]


async def test_tiles_whose_clients_hang_up_are_not_decoded(bucket: Bucket, database_url: str) -> None:
    bucket.put(KEY, ensure_samples() / KEY)
    async with running(database_url, bucket.name, bucket.server.endpoint, transcode_threads=1) as services:
        await wait_indexed(services.catalog, 1)
        assert (await services.http.get(f"/tiles/{KEY}/0/9/9.jpg")).status_code == 200  # open, and the codec loaded
        host, port = services.url.removeprefix("http://").split(":")
        go_on = threading.Event()
        busy = asyncio.create_task(services.service._transcoder.run(go_on.wait))  # so that all others have to wait
        writers = []
        for x, y in TILES:
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"GET /tiles/{KEY}/0/{x}/{y}.jpg HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            writers.append(writer)
        waiting = services.metrics.transcode_waiting._value.get
        try:
            await until(lambda: waiting() == 1 + len(TILES))
            for writer in writers:
                writer.transport.abort()
            await until(lambda: waiting() <= 2)  # one may have been handed to the thread already
        finally:
            go_on.set()
            await busy
        gone = services.metrics.requests.labels("tiles", "tile", "GET", "499")._value.get()
        assert gone == len(TILES)
        assert sum([(await _hit(services.http, x, y)) for x, y in TILES]) == 0


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(20_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise TimeoutError


async def _hit(http: httpx.AsyncClient, x: int, y: int) -> bool:
    response = await http.get(f"/tiles/{KEY}/0/{x}/{y}.jpg")
    assert response.status_code == 200
    return bool(response.headers["x-tile-cache-hit"] == "true")
