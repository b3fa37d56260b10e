"""Cold random tiles: what a tile costs that nobody asked for before and whose neighbours nobody asks for."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import quote

import boto3
import botocore.config

from tests.benchmarks.lab import Lab
from tests.benchmarks.load import Client, get
from tests.benchmarks.observation import Observation
from tests.benchmarks.process import pinned
from tests.benchmarks.report import Figures, Row, quantile
from tests.benchmarks.server_under_test import Target, metadata
from tests.benchmarks.storage import BUCKET, SLIDE
from tests.benchmarks.viewport import Tile

CONNECTIONS = 32
SECONDS = 4.0


async def measure(lab: Lab) -> None:
    """Distinct tiles all over level 0, S3 beside the server; beside it httpx range requests on the same core."""
    level = lab.levels[0]
    tiles = [(x, y) for y in range(level.tiles_y) for x in range(level.tiles_x)]
    random.Random(1).shuffle(tiles)
    plain = await asyncio.to_thread(_plain, lab, tiles)
    for target in lab.targets:
        await _one(lab, target, tiles, plain)
        target.stop()


async def _one(lab: Lab, target: Target, tiles: list[Tile], plain: tuple[float, float]) -> None:
    level = lab.levels[0]
    target.restart()
    if target.distance is not None:
        await target.distance.set(0)
    key = target.slide()
    await asyncio.to_thread(metadata, target.url, key)
    client = await Client.open(target.url, CONNECTIONS)
    try:
        await client.run(iter([get(_path(key, tiles[-1 - i])) for i in range(CONNECTIONS)]))
        observation = await Observation.begin(target)
        asked: list[Tile] = []
        answers = await client.run(_until(lab, key, tiles[: len(tiles) // 2], asked))
        cost = await observation.end()
    finally:
        client.close()
    count = len(answers.each)
    lab.report.add(
        Row(
            "cold random tiles",
            f"level 0, {CONNECTIONS} connections, 0 ms",
            target.name,
            Figures(
                p50_ms=1000 * (quantile(answers.each, 0.5) or 0),
                p95_ms=1000 * (quantile(answers.each, 0.95) or 0),
                rate=count / answers.seconds,
                yardstick=plain[0],
                gets=cost.gets(count),
                other_requests=cost.other_requests(count),
                s3_mb=cost.s3_mb(count),
                bytes_ratio=cost.bytes_ratio(level.bytes_of(asked)),
                cpu_ms=cost.cpu_ms(count),
                rss_mb=cost.rss_mb,
                failed=len(answers.refused) + answers.unanswered,
            ),
            f"{count} tiles; an httpx range GET takes {plain[1]:.3f} ms of CPU",
        )
    )


def _until(lab: Lab, key: str, tiles: list[Tile], asked: list[Tile]) -> Iterator[bytes]:
    end = time.perf_counter() + (SECONDS / 4 if lab.options.quick else SECONDS)
    for tile in tiles:
        if time.perf_counter() > end:
            return
        asked.append(tile)
        yield get(_path(key, tile))


def _path(key: str, tile: Tile) -> str:
    return f"/tiles/{quote(key, safe='')}/0/{tile[0]}/{tile[1]}.jpg"


def _plain(lab: Lab, tiles: list[Tile]) -> tuple[float, float]:
    """Range requests a second that httpx does alone, and milliseconds of CPU for each."""
    level = lab.levels[0]
    credentials = lab.storage.server
    signing = boto3.client(
        "s3",
        endpoint_url=lab.distance.endpoint,
        region_name="us-east-1",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    entries = [y * level.tiles_x + x for x, y in tiles]
    asked = {
        "url": signing.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": SLIDE}),
        "ranges": [(level.offsets[i], level.offsets[i] + level.counts[i] - 1) for i in entries],
        "connections": CONNECTIONS,
        "seconds": SECONDS / (4 if lab.options.quick else 2),
    }
    with pinned(lab.cores.server):
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.plain"],
            input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    told = json.loads(done.stdout)
    return told["count"] / told["seconds"], 1000 * told["cpu_seconds"] / told["count"]
