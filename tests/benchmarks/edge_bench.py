"""``python -m tests.benchmarks.edge_bench``: warm tiles of a protected slide through the shipped nginx configuration, beside
the tile service asked directly. Both have one process and one core, the client has another."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
import time
from pathlib import Path

import httpx
import uvloop

from tests.benchmarks.load import for_seconds, get, load
from tests.demo.command import Command
from tests.samples import ensure_samples
from tests.support.nginx import nginx
from tests.support.s3server import Bucket, S3Server, free_port
from wsi_streamer.access.signed_links import SignedLinks

KEY = "bench.svs"
SECRET = "only for this benchmark"
CONNECTIONS = 32
TILES = 300
ROUNDS = 3
SECONDS = 2.0


def main() -> None:
    """Bring all of it up, measure, and say what was seen."""
    slide = max(ensure_samples().glob("*.svs"), key=lambda path: path.stat().st_size)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wsi-bench-")))
        server = S3Server.start(folder / "objects")
        stack.callback(server.stop)
        bucket = Bucket(server, "bench")
        server.client().create_bucket(Bucket=bucket.name)
        bucket.put(KEY, slide)
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[:1])  # what is started from here on inherits it
        port = free_port()
        arguments = ["s3://bench", "--s3-endpoint", server.endpoint, "--data-dir", str(folder / "data"), "--edge-cache"]
        env = server.env | {"WSI_AUTH_ENABLED": "1", "WSI_AUTH_SECRET": SECRET}
        command = Command(arguments, env, port)
        command.start()
        stack.callback(command.stop)
        uvloop.run(_run(folder, port, cores))


async def _run(folder: Path, port: int, cores: list[int]) -> None:
    direct = f"http://127.0.0.1:{port}"
    async with nginx(folder / "nginx", [direct]) as edge:
        os.sched_setaffinity(0, cores[1:] or cores)
        await _measure(port, int(edge.rpartition(":")[2]), await _metadata(direct))


async def _measure(port: int, edge: int, slide: tuple[str, int, int, str]) -> None:
    url, across, down, token = slide
    paths = [url.format(level=0, x=x, y=y) + f"&{token}" for x in range(across) for y in range(down)]
    random.Random(1).shuffle(paths)
    kept = [get(path) for path in paths[:TILES]]
    passed = [get(path.replace("?v=", "?w=")) for path in paths[:TILES]]  # not a URL that nginx keeps
    patterns = {
        "asked directly": (port, kept),
        "through nginx, tile and right kept": (edge, kept),
        "through nginx, right kept, tile not": (edge, passed),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in patterns}
    for to, requests in patterns.values():
        await load(to, iter(requests), CONNECTIONS)
    for _ in range(ROUNDS):
        for name, (to, requests) in patterns.items():
            before = _children_seconds()
            seconds, answers = await load(to, for_seconds(requests, SECONDS), CONNECTIONS)
            found[name].append((len(answers) / seconds, (_children_seconds() - before) / len(answers)))
    print(f"{'':38}{'tiles':>12}{'ratio':>8}{'CPU a tile':>14}{'ratio':>8}")
    yardstick = sorted(found["asked directly"])[ROUNDS // 2]
    for name, rounds in found.items():
        rate, cpu = sorted(rounds)[ROUNDS // 2]
        print(
            f"{name:38}{rate:>10,.0f}/s{rate / yardstick[0]:>8.2f}{cpu * 1e6:>11.1f} µs{cpu / yardstick[1]:>8.2f}",
            flush=True,
        )


def _children_seconds() -> float:
    """CPU time of all that this process started: the servers, not the client. Linux's /proc."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])

    def is_ours(pid: int) -> bool:
        while pid in parents and pid != os.getpid():
            pid = parents[pid]
        return pid == os.getpid()

    return sum(spent for pid, spent in ticks.items() if pid != os.getpid() and is_ours(pid)) / os.sysconf("SC_CLK_TCK")


async def _metadata(url: str) -> tuple[str, int, int, str]:
    """Template of the tiles' URL, columns, rows and a viewer token, once the slide is indexed."""
    exp = int(time.time()) + 3600
    token = f"exp={exp}&vt={SignedLinks((SECRET.encode(),)).viewer_token(KEY, exp)}"
    async with httpx.AsyncClient(base_url=url, timeout=30) as http, asyncio.timeout(120):
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await http.get(f"/slides/{KEY}?{token}")
                if answer.status_code == 200:
                    slide = answer.json()
                    level = slide["levels"][0]
                    return slide["tile_url"], level["tiles_x"], level["tiles_y"], token
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    main()
