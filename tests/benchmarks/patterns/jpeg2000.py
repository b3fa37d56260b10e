"""JPEG 2000 tiles of 512 px, cold over HTTP: what transcoding gets done on one core."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from urllib.parse import quote

from tests.benchmarks.lab import Lab
from tests.benchmarks.load import Client, get
from tests.benchmarks.observation import Observation
from tests.benchmarks.report import Figures, Row, quantile
from tests.benchmarks.server_under_test import metadata
from tests.benchmarks.storage import JPEG2000
from tests.benchmarks.viewport import Tile

CONNECTIONS = 16
"""Fewer than our server lets wait for its one thread."""

SECONDS = 4.0


async def measure(lab: Lab) -> None:
    """Distinct tiles all over level 0, S3 beside the server."""
    level = lab.jpeg2000_levels[0]
    tiles = [(x, y) for y in range(level.tiles_y) for x in range(level.tiles_x)]
    random.Random(2).shuffle(tiles)
    for target in lab.targets:
        target.restart()
        if target.distance is not None:
            await target.distance.set(0)
        await asyncio.to_thread(metadata, target.url, JPEG2000)
        client = await Client.open(target.url, CONNECTIONS)
        await client.run(iter([_request(tile) for tile in tiles[:CONNECTIONS]]))
        observation = await Observation.begin(target)
        asked: list[Tile] = []
        seconds = SECONDS / 4 if lab.options.quick else SECONDS
        told = await client.run(_until(time.perf_counter() + seconds, tiles[CONNECTIONS:], asked))
        cost = await observation.end()
        client.close()
        target.stop()
        count = len(told.each)
        figures = Figures(
            p50_ms=1000 * (quantile(told.each, 0.5) or 0),
            p95_ms=1000 * (quantile(told.each, 0.95) or 0),
            rate=count / told.seconds,
            gets=cost.gets(count),
            other_requests=cost.other_requests(count),
            s3_mb=cost.s3_mb(count),
            bytes_ratio=cost.bytes_ratio(level.bytes_of(asked)),
            cpu_ms=cost.cpu_ms(count),
            rss_mb=cost.rss_mb,
            failed=len(told.refused) + told.unanswered,
        )
        case = f"512 px, {CONNECTIONS} connections, 0 ms"
        lab.report.add(Row("cold JPEG 2000", case, target.name, figures, f"{count} tiles"))


def _until(end: float, tiles: list[Tile], asked: list[Tile]) -> Iterator[bytes]:
    for tile in tiles:
        if time.perf_counter() > end:
            return
        asked.append(tile)
        yield _request(tile)


def _request(tile: Tile) -> bytes:
    return get(f"/tiles/{quote(JPEG2000, safe='')}/0/{tile[0]}/{tile[1]}.jpg")
