"""Cold random tiles: what a tile costs that nobody asked for before and whose neighbours nobody asks for."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys

import boto3
import botocore.config

from tests.benchmarks.lab import Lab
from tests.benchmarks.patterns.cold_tiles import ask_for_cold_tiles, seconds
from tests.benchmarks.process import pinned
from tests.benchmarks.report import Row
from tests.benchmarks.server_under_test import Target
from tests.benchmarks.storage import BUCKET, SLIDE
from tests.benchmarks.viewport import Tile

CONNECTIONS = 32


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
    target.restart()
    figures, count = await ask_for_cold_tiles(
        lab, target, target.slide(), lab.levels[0], tiles[: len(tiles) // 2],
        first=tiles[: -1 - CONNECTIONS : -1], connections=CONNECTIONS, yardstick=plain[0],
    )  # fmt: skip
    case = f"level 0, {CONNECTIONS} connections, 0 ms"
    note = f"{count} tiles; an httpx range GET takes {plain[1]:.3f} ms of CPU"
    lab.report.add(Row("cold random tiles", case, target.name, figures, note))


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
        "seconds": seconds(lab) if lab.options.quick else seconds(lab) / 2,
    }
    with pinned(lab.cores.server):
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.plain"],
            input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    told = json.loads(done.stdout)
    return told["count"] / told["seconds"], 1000 * told["cpu_seconds"] / told["count"]
