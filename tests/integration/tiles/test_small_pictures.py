"""Pictures made of many tiles, each decoded no larger than it must be, against averages of level 0."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import httpx
import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.support.in_process import running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.tiffs import written

Pixels = np.ndarray
WIDTH, HEIGHT, TILE = 1_201, 1_003, 64
"""19 x 16 tiles, so many that a thumbnail is made in parts; the last ones hold padding, and halves are never whole."""


def tissue() -> Pixels:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    waves = [130 + 70 * np.sin(x / (60 + 9 * i)) * np.cos(y / (70 + 7 * i)) for i in range(3)]
    grain = np.random.default_rng(3).normal(0, 6, (HEIGHT, WIDTH, 1))
    return np.clip(np.stack(waves, axis=-1) + grain, 0, 255).astype(np.uint8)


def jpeg2000(pixels: Pixels) -> bytes:
    """An Aperio file of one level."""
    padded = np.pad(pixels, ((0, -HEIGHT % TILE), (0, -WIDTH % TILE), (0, 0)))
    tiles = [
        bytes(imagecodecs.jpeg2k_encode(np.ascontiguousarray(padded[y : y + TILE, x : x + TILE]), level=45, codecformat="j2k"))
        for y in range(0, HEIGHT, TILE)
        for x in range(0, WIDTH, TILE)
    ]  # fmt: skip
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(
            iter(tiles), shape=pixels.shape, dtype=np.uint8, tile=(TILE, TILE), photometric="rgb", compression=33005,
            description=f"Aperio Image Library v12\r\n{WIDTH}x{HEIGHT} (64x64) J2K/KDU Q=70|MPP = 0.5", metadata=None,
            software=False,
        )  # fmt: skip
    return file.getvalue()


def jpeg(pixels: Pixels) -> bytes:
    """A plain one."""
    options = {"photometric": "rgb", "compression": "jpeg", "compressionargs": {"level": 90}}
    return written([pixels], tile=(TILE, TILE), **options)


def decoded(response: httpx.Response) -> Pixels:
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB")).astype(int)


@pytest.mark.parametrize("make", [jpeg, jpeg2000])
async def test_deep_zoom_and_thumbnails(make: Any, bucket: Bucket, database_url: str) -> None:
    whole = tissue()
    name = f"{make.__name__}.{'svs' if make is jpeg2000 else 'tif'}"
    bucket.put(name, make(whole))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        for size in (1_000, 700):
            shown = decoded(await services.http.get(f"/slides/{name}/thumbnail?max_size={size}&quality=95"))
            assert np.abs(shown - reduced(whole, shown.shape[1], shown.shape[0])).mean() < 4
        for level in (10, 9, 8):
            scale = 2 ** (11 - level)
            for x, y in ((0, 0), (1, 1)):
                response = await services.http.get(f"/slides/{name}/dzi_files/{level}/{x}_{y}.jpg?quality=95")
                shown, side = decoded(response), TILE * scale
                if shown.shape[:2] != (TILE, TILE):
                    continue
                part = whole[y * side : (y + 1) * side, x * side : (x + 1) * side]
                assert np.abs(shown - reduced(part, TILE, TILE)).mean() < 3, (level, x, y)


async def test_many_at_once_are_all_answered(bucket: Bucket, database_url: str) -> None:
    bucket.put("jpeg.tif", jpeg(tissue()))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        tiles = [f"/tiles/jpeg.tif/0/{x}/{y}.jpg?quality=70" for x in range(5) for y in range(4)]
        thumbnails = [f"/slides/jpeg.tif/thumbnail?max_size={size}" for size in (200, 500, 900)]
        answers = await asyncio.gather(*(services.http.get(url) for url in tiles + thumbnails))
        assert [answer.status_code for answer in answers] == [200] * 23


def reduced(pixels: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX)).astype(int)
