"""Overviews of slides whose coarsest level is still large."""

from __future__ import annotations

import asyncio
import io
import struct

import imagecodecs
import numpy as np
import pytest
import tifffile
from sqlalchemy import text

from tests.support.fault_proxy import Fault, FaultProxy, Seen
from tests.support.indexing import Indexing, indexing
from tests.support.s3server import Bucket
from tests.support.tiffs import RawTiff, written
from wsi_streamer.indexer import job_runner
from wsi_streamer.slides.slide import Slide

WIDTH, HEIGHT = 2_500, 1_700
TILES = 20 * 14
"""Of 128 pixels; the last column and row are partly padding."""


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    """So smooth that JPEG keeps it."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    waves = [127 + 90 * np.sin(x / (170 + 50 * i)) * np.cos(y / (230 + 30 * i)) for i in range(3)]
    return np.stack(waves, axis=-1).astype(np.uint8)


@pytest.fixture(scope="module")
def flat(pixels: np.ndarray) -> bytes:
    """One level, not compressed, so that overviews can be compared closely."""
    return written([pixels], tile=(128, 128))


async def slide_of(indexer: Indexing, key: str) -> Slide:
    opened = await indexer.catalog.slides.open(key)
    assert opened is not None
    assert opened.slide is not None
    return opened.slide


async def overview_pixels(indexer: Indexing, slide: Slide, index: int) -> np.ndarray:
    """The whole overview, tiles joined, padding included."""
    level = slide.overviews[index]
    table = await indexer.catalog.slides.table_slice(slide.version_id, ~index, 0)
    rows = []
    for y in range(level.tiles_y):
        row = []
        for x in range(level.tiles_x):
            at = table.range_at(level.entry(x, y))
            data = await indexer.catalog.slides.overview_bytes(slide.version_id, index, at.offset, at.length)
            row.append(imagecodecs.jpeg8_decode(data))
        rows.append(np.concatenate(row, axis=1))
    return np.concatenate(rows, axis=0)


def averaged(pixels: np.ndarray) -> np.ndarray:
    """Means of 8 x 8 pixels; a last incomplete block repeats its edge."""
    height, width = -(-pixels.shape[0] // 8) * 8, -(-pixels.shape[1] // 8) * 8
    full = np.pad(pixels, ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0)), mode="edge")
    return full.reshape(height // 8, 8, width // 8, 8, -1).mean(axis=(1, 3))


async def test_an_overview_is_the_average_of_the_coarsest_level_and_is_read_in_few_gets(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy, pixels: np.ndarray, flat: bytes
) -> None:
    bucket.put("flat.tif", flat)
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        await indexer.idle(1)
        slide = await slide_of(indexer, "flat.tif")
        [level] = slide.overviews
        assert (level.index, level.width, level.height, level.downsample) == (0, 313, 213, 8.0)
        assert (level.tile_width, level.tile_height, level.recipe.passthrough) == (256, 256, True)
        made = (await overview_pixels(indexer, slide, 0)).astype(float)
        assert made.shape == (256, 512, 3)
        expected = averaged(pixels)
        assert np.abs(made[:213, :313] - expected).mean() < 2
        assert made[215:, 320:].mean() > 250  # padded white, as edge tiles are
        # The pixels of 280 tiles, which lie row by row in the file.
        assert len(fault_proxy.gets()) < 40
        assert await _outcomes(indexer) == {"index": "indexed", "overview": "made"}


async def test_overviews_are_made_until_one_is_small_enough(bucket: Bucket, database_url: str) -> None:
    tiff, side, columns = RawTiff(), 20_000, 79
    red = tiff.data(bytes((200, 0, 0)) * 256 * 256)
    offsets, counts = [0] * columns**2, [0] * columns**2
    for entry in (0, columns**2 - 1):  # all others are sparse
        offsets[entry], counts[entry] = red, 256 * 256 * 3
    tiff.image(side, side, 256, offsets, counts)
    bucket.put("deep.tif", tiff.bytes())
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        await indexer.idle(1)
        slide = await slide_of(indexer, "deep.tif")
        fine, coarse = slide.overviews
        assert (fine.index, fine.width, fine.tiles_x, fine.downsample) == (0, 2_500, 10, 8.0)
        assert (coarse.index, coarse.width, coarse.tiles_x, coarse.downsample) == (1, 313, 2, 64.0)
        for index, edge in ((0, 32), (1, 4)):
            made = (await overview_pixels(indexer, slide, index)).astype(int)
            size = slide.overviews[index].width
            assert np.abs(made[: edge - 1, : edge - 1].mean(axis=(0, 1)) - (200, 0, 0)).max() < 12
            assert made[edge + 20 : size - edge - 20, :size].mean() > 250
            if index == 0:  # the last tile, 32 pixels of which lie within the slide
                assert made[size - 2, size - 2, 0] > made[size - 2, size - 2, 1] + 50


async def test_sparse_tiles_are_white_and_are_not_read_and_damaged_ones_grey(
    bucket: Bucket, database_url: str, flat: bytes, pixels: np.ndarray
) -> None:
    bucket.put("holes.tif", _with_holes(written([pixels], tile=(128, 128), compression="jpeg"), sparse=21, damaged=22))
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        await indexer.idle(1)
        made = await overview_pixels(indexer, await slide_of(indexer, "holes.tif"), 0)
    # Tiles 21 and 22 stand in the second row, second and third column: 16 pixels each in the overview.
    assert made[18:30, 18:30].mean() > 250
    assert np.abs(made[18:30, 34:46].astype(int) - 128).mean() < 8
    assert np.abs(made[50:62, 18:46].astype(float) - averaged(pixels)[50:62, 18:46]).mean() < 8


async def test_an_object_replaced_under_an_overview_gives_the_new_objects_overview(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy, pixels: np.ndarray, flat: bytes
) -> None:
    bucket.put("flat.tif", flat)
    replaced = False

    async def replace(seen: Seen) -> None:
        nonlocal replaced
        if (
            seen.method == "GET"
            and "flat.tif" in seen.target
            and len(fault_proxy.gets("flat.tif")) == 4
            and not replaced
        ):
            replaced = True
            await asyncio.to_thread(bucket.put, "flat.tif", written([255 - pixels], tile=(128, 128)))

    fault_proxy.before = replace
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        await indexer.idle(1)
        assert replaced
        await indexer.scan()
        slide = await slide_of(indexer, "flat.tif")
        made = await overview_pixels(indexer, slide, 0)
    assert np.abs(made[:213, :313] - averaged(255 - pixels)).mean() < 2


async def test_faults_of_the_store_do_not_lose_the_overview(
    bucket: Bucket, database_url: str, fault_proxy: FaultProxy, flat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "RETRY_SECONDS", 0.02)
    bucket.put("flat.tif", flat)

    def is_late(seen: Seen) -> bool:
        return seen.method == "GET" and len(fault_proxy.gets("flat.tif")) > 4

    fault_proxy.applies_to = is_late
    fault_proxy.faults = [Fault(status=403), Fault(status=403)]
    async with indexing(database_url, bucket.name, fault_proxy.endpoint) as indexer:
        await indexer.idle(1)
        assert not fault_proxy.faults
        assert (await slide_of(indexer, "flat.tif")).overviews


async def test_what_a_kill_left_undone_is_done_when_the_job_is_taken_up_again(
    bucket: Bucket, database_url: str, flat: bytes
) -> None:
    bucket.put("flat.tif", flat)
    async with indexing(database_url, bucket.name, bucket.server.endpoint) as indexer:
        await indexer.idle(1)
        slide = await slide_of(indexer, "flat.tif")
        # As after a kill between storing the slide and queueing its overview: the index job is done once more.
        await _drop_overviews(indexer, slide)
        job = await indexer.catalog.jobs.enqueue("index", key="flat.tif")
        assert (await indexer.catalog.jobs.wait(job.id, 20)).outcome == "unchanged"
        await indexer.idle(1)
        assert (await slide_of(indexer, "flat.tif")).overviews


def _with_holes(data: bytes, *, sparse: int, damaged: int) -> bytes:
    """One tile without bytes, and one whose bytes are not what they were."""
    changed = bytearray(data)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages[0]
        offsets, counts = page.tags["TileOffsets"], page.tags["TileByteCounts"]
        at = page.dataoffsets[damaged]
        size = 4 if counts.dtype == 4 else 2
        struct.pack_into("<" + {4: "I", 2: "H"}[size], changed, counts.valueoffset + size * sparse, 0)
        struct.pack_into("<I", changed, offsets.valueoffset + 4 * sparse, 0)
        changed[at : at + page.databytecounts[damaged]] = b"\xff\xd8" + bytes(page.databytecounts[damaged] - 2)
    return bytes(changed)


async def _outcomes(indexer: Indexing) -> dict[str, str]:
    async with indexer.catalog.jobs._database.transaction() as connection:
        rows = (await connection.execute(text("SELECT kind, outcome FROM jobs WHERE kind <> 'scan'"))).all()
    return {row[0]: row[1] for row in rows}


async def _drop_overviews(indexer: Indexing, slide: Slide) -> None:
    async with indexer.catalog.jobs._database.transaction() as connection:
        await connection.execute(
            text("DELETE FROM levels WHERE version_id = :v AND number < 0"), {"v": slide.version_id}
        )
