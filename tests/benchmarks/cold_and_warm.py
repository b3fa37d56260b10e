"""``make bench``: warm tiles beside a bare ASGI application, cold tiles beside plain httpx range requests."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import botocore.config
import httpx
import tifffile
import uvloop

from tests.benchmarks.load import for_seconds, get, load
from tests.demo.command import Command
from tests.samples import ensure_samples
from tests.support.s3server import Bucket, S3Server, free_port

KEY = "bench.svs"
CONNECTIONS = 32
ROUNDS = 3
SECONDS = 3.0
COLD_TILES = 300


def main() -> None:
    """Bring all of it up, measure, and say what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cold_and_warm", description=__doc__)
    parser.add_argument("--slide", type=Path, help="an SVS or tiled TIFF to use instead of the largest sample")
    slide = parser.parse_args().slide or max(ensure_samples().glob("*.svs"), key=lambda path: path.stat().st_size)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wsi-bench-")))
        server = S3Server.start(folder / "objects")
        stack.callback(server.stop)
        bucket = Bucket(server, "bench")
        server.client().create_bucket(Bucket=bucket.name)
        bucket.put(KEY, slide)
        port = free_port()
        command = Command(
            ["s3://bench", "--s3-endpoint", server.endpoint, "--data-dir", str(folder / "data")], server.env, port
        )
        command.start()
        stack.callback(command.stop)
        bare_port = _start_bare(stack)
        tiles = _tiles(port, slide)
        print(f"{slide.name}: {len(tiles)} tiles of level 0", flush=True)
        uvloop.run(_measure(port, bare_port, bucket, tiles))


async def _measure(port: int, bare_port: int, bucket: Bucket, tiles: list[tuple[str, int, int]]) -> None:
    random.Random(1).shuffle(tiles)
    count = min(COLD_TILES, len(tiles) // 2)
    few, many, warm = tiles[:count], tiles[count : 2 * count], tiles[:count]
    print(f"\n{'':34}{'here':>12}{'yardstick':>12}{'ratio':>8}")
    for name, chosen, connections in (("1 connection", few, 1), ("6 connections", many, 6)):
        # The plain requests go second: S3 has then read the same bytes before, which is to their advantage.
        _, ours = await load(port, iter([get(path) for path, _, _ in chosen]), connections)
        plain = await _plain(bucket, chosen, connections)
        _row(f"cold tile, {name}", statistics.median(ours), statistics.median(plain), "httpx range GET")
    requests = [get(path) for path, _, _ in warm]
    await load(port, iter(requests), CONNECTIONS)
    rates: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        pair = []
        for to in (port, bare_port):
            seconds, answers = await load(to, for_seconds(requests, SECONDS), CONNECTIONS)
            pair.append(len(answers) / seconds)
        rates.append((pair[0], pair[1]))
    here, bare = sorted(rates, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    print(
        f"{f'warm tiles, {CONNECTIONS} connections':34}{here:>10,.0f}/s{bare:>10,.0f}/s{here / bare:>8.2f}  bare ASGI"
    )


async def _plain(bucket: Bucket, tiles: list[tuple[str, int, int]], connections: int) -> list[float]:
    """Seconds of each range request, over an httpx client that is already connected, with URLs signed before."""
    signing = boto3.client(
        "s3",
        endpoint_url=bucket.server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=bucket.server.access_key,
        aws_secret_access_key=bucket.server.secret_key,
        config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    url = signing.generate_presigned_url("get_object", Params={"Bucket": bucket.name, "Key": KEY})
    todo, seconds = iter(tiles), []
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=connections)) as client:

        async def work() -> None:
            for _, offset, count in todo:
                began = time.perf_counter()
                answer = await client.get(url, headers={"Range": f"bytes={offset}-{offset + count - 1}"})
                seconds.append(time.perf_counter() - began)
                if answer.status_code != 206 or len(answer.content) != count:
                    raise RuntimeError(f"unexpected answer {answer.status_code}")

        await asyncio.gather(*(work() for _ in range(connections)))
    return seconds


def _tiles(port: int, slide: Path) -> list[tuple[str, int, int]]:
    """Path, offset and bytes of each stored tile of level 0, once the slide is indexed."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/slides/{KEY}", timeout=30) as answer:
                metadata = json.load(answer)
            break
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    level = metadata["levels"][0]
    with tifffile.TiffFile(slide) as tiff:
        page = tiff.pages.first
        ranges = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    across = level["tiles_x"]
    return [
        (f"/tiles/{KEY}/0/{i % across}/{i // across}.jpg", offset, count)
        for i, (offset, count) in enumerate(ranges)
        if count
    ]


def _start_bare(stack: contextlib.ExitStack) -> int:
    port = free_port()
    line = [sys.executable, "-m", "uvicorn", "tests.benchmarks.bare:app", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen([*line, "--log-level", "error", "--loop", "uvloop", "--http", "httptools"])
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return port


def _row(name: str, here: float, yardstick: float, what: str) -> None:
    print(f"{name:34}{here * 1000:>9.2f} ms{yardstick * 1000:>9.2f} ms{here / yardstick:>8.2f}  {what}", flush=True)


if __name__ == "__main__":
    main()
