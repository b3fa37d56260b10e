"""Tiles without bytes, and tiles whose bytes don't decode, in everything that is made of tiles."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import httpx
import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

from tests.support.in_process import Running, running, wait_indexed
from tests.support.indexing import indexing
from tests.support.s3server import Bucket
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.slides.slide import Slide

Pixels = np.ndarray
TILE = 64
SIZES = ((1_024, 768), (512, 384), (256, 192))


def tissue(width: int, height: int) -> Pixels:
    """Colours different everywhere, so smooth that JPEG and averaging keep them, and never white."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [120 + 80 * np.sin(x / (90 + 20 * i)) * np.cos(y / (130 + 20 * i)) for i in range(3)]
    return np.stack(waves, axis=-1).astype(np.uint8)


def svs(sizes: tuple[tuple[int, int], ...] = SIZES, tile: int = TILE) -> bytes:
    """An Aperio file, every level made from the first."""
    file = io.BytesIO()
    (width, height), whole = sizes[0], tissue(*sizes[0])
    with tifffile.TiffWriter(file) as writer:
        for level, size in enumerate(sizes):
            said = f"Aperio Image Library v12\r\n{width}x{height} [0,0 {width}x{height}] ({tile}x{tile})"
            said += (f" -> {size[0]}x{size[1]}" if level else "") + " JPEG/RGB Q=90|AppMag = 20|MPP = 0.5"
            pixels = np.asarray(Image.fromarray(whole).resize(size, Image.Resampling.BOX))
            writer.write(
                pixels, tile=(tile, tile), photometric="rgb", compression="jpeg", compressionargs={"level": 95},
                description=said, metadata=None,
            )  # fmt: skip
            if level == 0:  # Aperio's second image is its thumbnail, in strips
                small = np.asarray(Image.fromarray(whole).resize((128, 96), Image.Resampling.BOX))
                writer.write(small, rowsperstrip=16, photometric="rgb", compression="jpeg", metadata=None,
                             description=f"Aperio Image Library v12\r\n{width}x{height} -> 128x96 - |AppMag = 20")  # fmt: skip
    return file.getvalue()


def emptied(data: bytes, *holes: tuple[int, int]) -> bytes:
    """With TileByteCounts and TileOffsets of some tiles set to 0; each hole is a directory and a tile's number."""
    changed = bytearray(data)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        for page, tile in holes:
            for name in ("TileOffsets", "TileByteCounts"):
                tag = tiff.pages[page].aspage().tags[name]
                form = {3: "<H", 4: "<I"}[tag.dtype]
                struct.pack_into(form, changed, tag.valueoffset + struct.calcsize(form) * tile, 0)
    return bytes(changed)


def damaged(data: bytes, page: int, tile: int) -> bytes:
    """With nothing but its first marker left of a tile."""
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        at, length = tiff.pages[page].dataoffsets[tile], tiff.pages[page].databytecounts[tile]
    return data[: at + 2] + bytes(length - 2) + data[at + length :]


def decoded(response: httpx.Response) -> Pixels:
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB")).astype(int)


def error(shown: Pixels, expected: Pixels) -> float:
    return float(np.abs(shown - expected.astype(int)).mean())


# Directories: level 0, the thumbnail, level 1, level 2. The second holes are level 1's under level 2's first tile.
ONE_LEVEL = ((3, 0),)
TWO_LEVELS = ((3, 0), (2, 0))
QUARTERS = ((3, 0), (2, 0), (2, 1), (2, 8), (2, 9))


@pytest.mark.parametrize("holes", [ONE_LEVEL, TWO_LEVELS, QUARTERS])
async def test_aperios_empty_tiles_show_the_finer_levels(
    holes: tuple[tuple[int, int], ...], bucket: Bucket, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "holes.svs"
    path.write_bytes(emptied(svs(), *holes))
    bucket.put("holes.svs", path)
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        with openslide.OpenSlide(path) as oracle:
            await compare_with(oracle, services)


async def compare_with(oracle: openslide.OpenSlide, services: Running) -> None:
    assert oracle.level_dimensions == SIZES
    for level in (1, 2):
        expected = region(oracle, level, TILE, TILE)
        shown = decoded(await services.http.get(f"/tiles/holes.svs/{level}/0/0.jpg"))
        assert error(shown, expected) < 4, f"level {level}"
        assert error(expected, region(oracle, 0, TILE << level, TILE << level, (TILE, TILE))) < 4
    for zoom in (8, 7, 6):
        scale = 1 << (10 - zoom)
        shown = decoded(await services.http.get(f"/slides/holes.svs/dzi_files/{zoom}/0_0.jpg"))
        across, down = min(64, 1_024 // scale), min(64, 768 // scale)
        assert shown.shape[:2] == (down, across)
        assert error(shown, region(oracle, 0, across * scale, down * scale, (across, down))) < 4, f"Deep Zoom {zoom}"
    for longest in (64, 200, 256):
        shown = decoded(await services.http.get(f"/slides/holes.svs/thumbnail?max_size={longest}"))
        size = (shown.shape[1], shown.shape[0])
        assert error(shown, region(oracle, 0, 1_024, 768, size)) < 4, f"thumbnail {longest}"
        corner = shown[: size[1] // 4, : size[0] // 4]
        assert corner.max() < 225, "no white where there is tissue"


def region(
    oracle: openslide.OpenSlide, level: int, width: int, height: int, size: tuple[int, int] | None = None
) -> Pixels:
    """From the top left corner, resized if so told."""
    read = oracle.read_region((0, 0), level, (width, height)).convert("RGB")
    return np.asarray(read.resize(size, Image.Resampling.BOX) if size else read)


async def test_a_region_empty_down_to_level_0_is_white(bucket: Bucket, database_url: str) -> None:
    level_0 = [(0, 16 * y + x) for y in range(4) for x in range(4)]
    bucket.put("holes.svs", emptied(svs(), *QUARTERS, *level_0))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        for url in ("/tiles/holes.svs/2/0/0.jpg", "/tiles/holes.svs/0/0/0.jpg"):
            assert decoded(await services.http.get(url)).min() >= 250
        shown = decoded(await services.http.get("/slides/holes.svs/thumbnail?max_size=128"))
        assert shown[:30, :30].min() >= 245
        assert shown[34:, 34:].max() < 225


async def test_what_would_take_too_many_finer_tiles_is_white_and_the_rest_is_not(
    bucket: Bucket, database_url: str
) -> None:
    """Level 2 has 12 tiles, all empty: 48 of level 1 stand for them, which leave 16 of level 0 for 4 of these."""
    holes = [(3, i) for i in range(12)] + [(2, i) for i in range(48)]
    bucket.put("holes.svs", emptied(svs(), *holes))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        shown = decoded(await services.http.get("/slides/holes.svs/thumbnail?max_size=256"))
        assert shown[:30, :126].max() < 225
        assert shown[40:].min() >= 250


async def test_a_damaged_tile_is_grey_in_what_is_made_and_an_error_by_itself(bucket: Bucket, database_url: str) -> None:
    bucket.put("damaged.svs", damaged(svs(), 3, 0))
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 1)
        shown = decoded(await services.http.get("/slides/damaged.svs/thumbnail?max_size=256"))
        expected = np.asarray(Image.fromarray(tissue(*SIZES[0])).resize((256, 192), Image.Resampling.BOX))
        assert error(shown[:60, :60], np.full((60, 60, 3), 128)) < 3
        assert error(shown[68:], expected[68:]) < 4
        made = decoded(await services.http.get("/slides/damaged.svs/dzi_files/7/0_0.jpg"))
        assert error(made[:30, :30], np.full((30, 30, 3), 128)) < 3
        assert error(made[34:], expected.reshape(96, 2, 128, 2, 3).mean(axis=(1, 3))[34:64, :64]) < 4
        native = await services.http.get("/tiles/damaged.svs/2/0/0.jpg?quality=80")
        assert (native.status_code, native.json()["error"]) == (500, "decode_error")


async def test_overviews_show_the_finer_levels_too(bucket: Bucket, database_url: str) -> None:
    sizes = ((2_048, 1_536), (1_024, 768))
    bucket.put("holes.svs", emptied(svs(sizes), (2, 0), (2, 17), (2, 18)))
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        await indexer.idle(1)
        made = await overview(indexer.catalog)
    expected = np.asarray(Image.fromarray(tissue(*sizes[0])).resize((128, 96), Image.Resampling.BOX))
    assert error(made[:96, :128].astype(int), expected) < 4
    assert made[:8, :8].max() < 225


async def overview(catalog: Catalog) -> Pixels:
    """The only tile of the only overview."""
    opened = await catalog.slides.open("holes.svs")
    assert opened is not None
    slide = opened.slide
    assert isinstance(slide, Slide)
    assert [(level.width, level.height) for level in slide.overviews] == [(128, 96)]
    at = (await catalog.slides.table_slice(slide.version_id, -1, 0)).range_at(0)
    data = await catalog.slides.overview_bytes(slide.version_id, 0, at.offset, at.length)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
