"""Every real slide is served with the oracle's pixels, edges and every level included, or refused with a true reason."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.support.in_process import Running, running, wait_indexed
from tests.support.oracle import Pixels, level_pixels
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

SERVED = [
    "CMU-1-Small-Region.svs",
    "CMU-1-small.tiff",
    "OS-1-detail.ome.tif",
    "be_cog.tiff",
    "cog_rgb.tif",
    "rgbsmall_DEFLATE_tiled.tif",
    "rgbsmall_JPEG_tiled.tif",
    "rgbsmall_LZW_tiled.tif",
    "rgbsmall_WEBP_tiled.tif",
    "rgbsmall_ZSTD_tiled.tif",
    "tcga-cr-7395-01a-01-ts1.svs",
    "tiff_with_subifds.tif",
    "usda_naip_512_jpeg_z5.tif",
]
LEVELS_DIFFER = ("be_cog.tiff", "tiff_with_subifds.tif", "usda_naip_512_jpeg_z5.tif")
"""Their coarser levels hold other pictures than level 0 (test patterns, picked rather than averaged pixels), so what is
made from these can't be judged by it; sizes still can."""

MAX_TILES = 60
"""Tiles compared on each level, corners always among them."""


def decoded(response: httpx.Response) -> Pixels:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/jpeg"
    return np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB"))


def sample(columns: int, rows: int) -> list[tuple[int, int]]:
    every = [(x, y) for y in range(rows) for x in range(columns)]
    corners = {(0, 0), (columns - 1, 0), (0, rows - 1), (columns - 1, rows - 1)}
    step = max(1, len(every) // MAX_TILES)
    return sorted(corners | set(every[::step]))


@pytest.mark.parametrize("name", SERVED)
async def test_every_level_and_edge_has_the_oracles_pixels(name: str, bucket: Bucket, database_url: str) -> None:
    path = real_slide(name)
    bucket.put(name, path)
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        metadata = (await services.http.get(f"/slides/{name}")).json()
        assert metadata["level_count"] == len(metadata["levels"])
        for level in metadata["levels"]:
            await compare_level(services, path, level)
        await compare_deep_zoom(services, path, metadata)
        await compare_thumbnail(services, path, metadata)


async def compare_level(services: Running, path: Path, level: dict[str, int]) -> None:
    oracle, stored = await level_pixels(path, level["width"], level["height"])
    for x, y in sample(level["tiles_x"], level["tiles_y"]):
        response = await services.http.get(f"/tiles/{path.name}/{level['level']}/{x}/{y}.jpg")
        tile = decoded(response)
        assert tile.shape[:2] == (level["tile_height"], level["tile_width"])
        top, left = y * level["tile_height"], x * level["tile_width"]
        expected = oracle[top : top + level["tile_height"], left : left + level["tile_width"]]
        shown = tile[: expected.shape[0], : expected.shape[1]]
        if not stored[top, left]:
            assert shown.min() >= 250, "a sparse tile is white"
            continue
        limit = 2 if response.headers["x-tile-quality"] == "source" else 6
        difference = np.abs(shown.astype(int) - expected).mean()
        assert difference < limit, f"level {level['level']} tile {x},{y}: {difference:.2f}"


async def compare_deep_zoom(services: Running, path: Path, metadata: dict[str, int]) -> None:
    oracle, stored = await level_pixels(path, metadata["width"], metadata["height"])
    white = np.where(stored[..., None], oracle, 255).astype(np.uint8)
    tile_size = metadata["levels"][0]["tile_width"]  # type: ignore[index]
    max_level = (max(metadata["width"], metadata["height"]) - 1).bit_length()
    for level in range(max_level + 1):
        scale = 1 << (max_level - level)
        width, height = -(-metadata["width"] // scale), -(-metadata["height"] // scale)
        for x, y in sample(-(-width // tile_size), -(-height // tile_size))[:12]:
            tile = decoded(await services.http.get(f"/slides/{path.name}/dzi_files/{level}/{x}_{y}.jpg"))
            assert tile.shape[:2] == (min(tile_size, height - y * tile_size), min(tile_size, width - x * tile_size))
            if min(tile.shape[:2]) < 8 or path.name in LEVELS_DIFFER:
                continue
            box = tuple(
                v * s
                for v, s in zip(
                    (x * tile_size, y * tile_size, x * tile_size + tile.shape[1], y * tile_size + tile.shape[0]),
                    (metadata["width"] / width, metadata["height"] / height) * 2,
                    strict=True,
                )
            )
            resized = Image.fromarray(white).resize((tile.shape[1], tile.shape[0]), Image.Resampling.BOX, box=box)
            difference = np.abs(tile.astype(int) - np.asarray(resized)).mean()
            assert difference < 14, f"Deep Zoom level {level} tile {x},{y}: {difference:.2f}"


async def compare_thumbnail(services: Running, path: Path, metadata: dict[str, int]) -> None:
    oracle, stored = await level_pixels(path, metadata["width"], metadata["height"])
    white = np.where(stored[..., None], oracle, 255).astype(np.uint8)
    for size in (64, 300):
        picture = decoded(await services.http.get(f"/slides/{path.name}/thumbnail?max_size={size}"))
        longest = min(size, max(metadata["width"], metadata["height"]))
        assert max(picture.shape[:2]) == longest
        if path.name in LEVELS_DIFFER:
            continue
        resized = Image.fromarray(white).resize((picture.shape[1], picture.shape[0]), Image.Resampling.BOX)
        assert np.abs(picture.astype(int) - np.asarray(resized)).mean() < 12


async def test_what_is_not_served_is_refused_by_name(bucket: Bucket, database_url: str) -> None:
    name = "test3-DAPI-2-(387).ndpi"
    bucket.put(name, real_slide(name))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        for url in (f"/tiles/{name}/0/0/0.jpg", f"/slides/{name}", f"/slides/{name}/thumbnail", f"/slides/{name}/dzi"):
            response = await services.http.get(url)
            assert response.status_code == 415
            assert response.json()["error"] == "unsupported_format"
            assert "NDPI" in response.json()["message"]
