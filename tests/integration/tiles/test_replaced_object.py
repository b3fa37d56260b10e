"""An object replaced while its tiles are requested never yields a tile of mixed or wrong pixels."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import tifffile
from PIL import Image

from tests.support.in_process import running, wait_indexed
from tests.support.s3server import Bucket

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30)]
ROUNDS = 12


def slide(colour: tuple[int, int, int], seed: int) -> bytes:
    """A slide of one colour; its size on disk differs from the others', so that stale offsets hit other bytes."""
    rng = np.random.default_rng(seed)
    pixels = np.full((1024, 1024, 3), colour, np.uint8)
    # noise of differing strength in one corner moves all later tiles' offsets
    pixels[:256, :256] ^= rng.integers(0, 2 + 3 * (seed % 5), (256, 256, 3)).astype(np.uint8)
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(pixels, tile=(256, 256), photometric="rgb", compression="jpeg", compressionargs={"level": 90})
    return out.getvalue()


async def test_tiles_are_all_old_or_all_new(bucket: Bucket, database_url: str) -> None:
    bucket.put("a.tif", slide(COLOURS[0], 0))
    async with running(database_url, bucket.name, bucket.server.endpoint, cache_tiles=1) as services:
        await wait_indexed(services.catalog, 1)
        statuses: list[int] = []
        stop = asyncio.Event()

        async def look(path: str) -> None:
            while not stop.is_set():
                response = await services.http.get(path)
                statuses.append(response.status_code)
                if response.status_code != 200:
                    assert response.status_code in (409, 503), response.text
                    await asyncio.sleep(0.05)
                    continue
                pixels = np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB")).astype(int)
                off = [np.abs(pixels - colour).mean() for colour in COLOURS]
                assert min(off) < 8, f"{path}: no one colour, {pixels.mean(axis=(0, 1))}"

        paths = [f"/tiles/a.tif/0/{x}/{y}.jpg" for x, y in ((1, 1), (3, 3), (2, 0))]
        paths += ["/tiles/a.tif/0/1/2.jpg?quality=90", "/slides/a.tif/dzi_files/9/0_0.jpg", "/slides/a.tif/thumbnail"]
        watchers = [asyncio.create_task(look(path)) for path in paths]
        for i in range(1, ROUNDS):
            await asyncio.to_thread(bucket.put, "a.tif", slide(COLOURS[i % len(COLOURS)], i))
            await asyncio.sleep(0.4)
        stop.set()
        await asyncio.gather(*watchers)
        assert statuses.count(200) > 20
        # once it stays, the newest is served, by the same id
        newest = COLOURS[(ROUNDS - 1) % len(COLOURS)]
        async with asyncio.timeout(20):
            while True:
                response = await services.http.get("/tiles/a.tif/0/3/3.jpg")
                if response.status_code == 200:
                    pixels = np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB")).astype(int)
                    if np.abs(pixels - newest).mean() < 8:
                        break
                await asyncio.sleep(0.1)


async def test_a_deleted_object_is_not_found(bucket: Bucket, database_url: str) -> None:
    bucket.put("a.tif", slide(COLOURS[0], 0))
    async with running(database_url, bucket.name, bucket.server.endpoint, cache_tiles=1) as services:
        await wait_indexed(services.catalog, 1)
        assert (await services.http.get("/tiles/a.tif/0/1/1.jpg")).status_code == 200
        bucket.delete("a.tif")
        response = await services.http.get("/tiles/a.tif/0/2/2.jpg")
        assert (response.status_code, response.json()["error"]) == (404, "not_found")
