"""Tiles of one level that nobody asked for before, for some seconds, S3 beside the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import quote

from tests.benchmarks.lab import Lab
from tests.benchmarks.load import Client, get
from tests.benchmarks.observation import Observation
from tests.benchmarks.report import Figures, quantile
from tests.benchmarks.server_under_test import Target, metadata
from tests.benchmarks.storage import StoredLevel
from tests.benchmarks.viewport import Tile

SECONDS = 4.0


def seconds(lab: Lab) -> float:
    """How long a series lasts."""
    return SECONDS / 4 if lab.options.quick else SECONDS


async def ask_for_cold_tiles(
    lab: Lab,
    target: Target,
    key: str,
    level: StoredLevel,
    tiles: list[Tile],
    *,
    first: list[Tile],
    connections: int,
    yardstick: float | None = None,
) -> tuple[Figures, int]:
    """What ``tiles`` of level 0 cost a server that was just started and has seen ``first``; and how many were asked for."""
    if target.distance is not None:
        await target.distance.set(0)
    await asyncio.to_thread(metadata, target.url, key)
    client = await Client.open(target.url, connections)
    try:
        await client.run(iter([_request(key, tile) for tile in first]))
        observation = await Observation.begin(target)
        asked: list[Tile] = []
        answers = await client.run(_until(time.perf_counter() + seconds(lab), key, tiles, asked))
        cost = await observation.end()
    finally:
        client.close()
    count = len(answers.each)
    figures = Figures(
        p50_ms=1000 * (quantile(answers.each, 0.5) or 0),
        p95_ms=1000 * (quantile(answers.each, 0.95) or 0),
        rate=count / answers.seconds,
        yardstick=yardstick,
        gets=cost.gets(count),
        other_requests=cost.other_requests(count),
        s3_mb=cost.s3_mb(count),
        bytes_ratio=cost.bytes_ratio(level.bytes_of(asked)),
        cpu_ms=cost.cpu_ms(count),
        rss_mb=cost.rss_mb,
        failed=len(answers.refused) + answers.unanswered,
    )
    return figures, count


def _until(end: float, key: str, tiles: list[Tile], asked: list[Tile]) -> Iterator[bytes]:
    for tile in tiles:
        if time.perf_counter() > end:
            return
        asked.append(tile)
        yield _request(key, tile)


def _request(key: str, tile: Tile) -> bytes:
    return get(f"/tiles/{quote(key, safe='')}/0/{tile[0]}/{tile[1]}.jpg")
