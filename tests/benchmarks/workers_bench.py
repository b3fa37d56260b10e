"""``python -m tests.benchmarks.workers_bench``: what --workers brings and costs, each figure beside its yardstick in one run.

The yardstick of a slide's requests going to one worker is the kernel's own choice of a worker for each connection: a
request whose target is a whole URL is answered alike, and no worker passes it on (`web.affinity`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import statistics
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from tests.benchmarks.cold_and_warm import _tiles
from tests.benchmarks.load import for_seconds, load
from tests.demo.command import Command
from tests.samples import ensure_samples
from tests.support.fault_proxy import FaultProxy, proxy_before
from tests.support.s3server import Bucket, S3Server, free_port

SLIDES = 12
VIEW = (8, 5)
CONNECTIONS = 6
LATENCY = 0.02
SECONDS = 2.0
ROUNDS = 3

_SERVER_CORE, _CLIENT_CORE = 0, 1
_MOVED = re.compile(r"^wsi_connections_moved_total{.*} (\S+)$", re.MULTILINE)

Request = Callable[[str], bytes]


def by_path(path: str) -> bytes:
    """A request that goes to its slide's worker."""
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


def by_url(path: str) -> bytes:
    """The same request, for whichever worker has accepted the connection."""
    return f"GET http://h{path} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


@dataclass(slots=True)
class Server:
    """The one-machine command."""

    command: Command
    port: int
    admin_port: int
    pid: int

    def processes(self) -> list[psutil.Process]:
        """Those that serve tiles: its workers, or itself."""
        command = psutil.Process(self.pid)
        workers = [child for child in command.children() if "wsi_streamer.cli.tile_worker" in child.cmdline()]
        return workers or [command]

    def cpu_seconds(self) -> float:
        """Of those, until now."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def pin(self, cores: list[int]) -> None:
        """Let them use these cores only."""
        for process in self.processes():
            for thread in process.threads():
                os.sched_setaffinity(thread.id, cores)

    def moved(self) -> float:
        """Connections that workers have passed on until now."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics") as answer:
            return sum(float(value) for value in _MOVED.findall(answer.read().decode()))


@contextlib.asynccontextmanager
async def serving(folder: Path, server: S3Server, endpoint: str, workers: int) -> AsyncIterator[Server]:
    """On the catalog that the first one has filled."""
    port = free_port()
    arguments = ["s3://bench", "--s3-endpoint", endpoint, "--data-dir", str(folder / "data"), "--scan-interval", "0"]
    env = server.env | {"WSI_WORKERS": str(workers)}
    command = Command(arguments, env, port)
    command.start()
    try:
        started = Server(command, port, int(command._line[-1]), command._process.pid if command._process else 0)
        deadline = time.monotonic() + 60
        while not await asyncio.to_thread(command.is_healthy):
            if time.monotonic() > deadline:
                raise RuntimeError("the command does not come up")
            await asyncio.sleep(0.05)
        yield started
    finally:
        await asyncio.to_thread(command.stop)


def main() -> None:
    """Bring all of it up, measure, and say what was seen."""
    slide = max(ensure_samples().glob("*.svs"), key=lambda path: path.stat().st_size)
    uvloop.run(_main(slide))


async def _main(slide: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wsi-bench-")))
        server = S3Server.start(folder / "objects")
        stack.callback(server.stop)
        server.client().create_bucket(Bucket="bench")
        bucket = Bucket(server, "bench")
        for key in ("bench.svs", *(f"case-{n}.svs" for n in range(SLIDES))):
            await asyncio.to_thread(bucket.put, key, slide)
        proxy = await stack.enter_async_context(proxy_before(server.endpoint))
        async with serving(folder, server, proxy.endpoint, 1) as one:
            tiles = [path for path, _, _ in await asyncio.to_thread(_tiles, one.port, slide)]
            for n in range(SLIDES):
                await _answers(one, f"/slides/case-{n}.svs")
            print(f"{slide.name}: {len(tiles)} tiles of level 0, {SLIDES} slides", flush=True)
            warm = [path.replace("bench.svs", f"case-{n}.svs") for n in range(SLIDES) for path in tiles[:20]]
            rates = [await _warm(one, warm, "1 worker, one core", [_SERVER_CORE])]
        async with serving(folder, server, proxy.endpoint, 2) as two:
            rates += [
                await _warm(two, warm, "2 workers, the same core", [_SERVER_CORE]),
                await _warm(two, warm, "2 workers, both cores", [_SERVER_CORE, _CLIENT_CORE]),
            ]
            moved = two.moved()
            rates.append(await _warm(two, warm, "2 workers, behind a proxy", [_SERVER_CORE, _CLIENT_CORE], pooled=True))
            moves = (two.moved() - moved) / (ROUNDS * SECONDS)
            (rate, cpu), *others = rates
            for what, ratios in (("rate", [r / rate for r, _ in others]), ("CPU a tile", [c / cpu for _, c in others])):
                print(
                    f"{f'{what}, to that of 1 worker':30}" + "".join(f"{ratio:>9.2f}" for ratio in ratios), flush=True
                )
            print(f"{'connections moved':30}{moves:>9.0f} a second, behind the proxy", flush=True)
            await _dispatch(two, warm)
        for name, request in (("its worker", by_path), ("any worker", by_url)):
            async with serving(folder, server, proxy.endpoint, 2) as two:
                await _views(two, proxy, tiles, name, request)


async def _answers(server: Server, path: str) -> None:
    await load(server.port, iter([by_path(path)]), 1)


async def _warm(
    server: Server, paths: list[str], name: str, cores: list[int], *, pooled: bool = False
) -> tuple[float, float]:
    """Tiles per second, and CPU seconds of each; the client has a core of its own where the server leaves it one, and is
    what bounds the rate on a machine of two. ``pooled``: each connection asks for all slides in turn, as a proxy's do.
    """
    os.sched_setaffinity(0, [_CLIENT_CORE])
    server.pin(cores)
    requests = [by_path(path) for path in paths]
    await load(server.port, iter(requests), CONNECTIONS)
    # A connection for each slide, as viewers have them: none moves but at its beginning.
    random.Random(3).shuffle(requests)
    by_slide = (
        [requests] * SLIDES
        if pooled
        else [[r for r in requests if f"/case-{n}.svs/".encode() in r] for n in range(SLIDES)]
    )
    found = []
    for _ in range(ROUNDS):
        cpu = server.cpu_seconds()
        runs = await asyncio.gather(*(load(server.port, for_seconds(mine, SECONDS), 2) for mine in by_slide))
        cpu = server.cpu_seconds() - cpu
        count = sum(len(answers) for _, answers in runs)
        found.append((count / max(seconds for seconds, _ in runs), cpu / count))
    rate, cpu = sorted(found)[ROUNDS // 2]
    print(f"{'warm, ' + name:30}{rate:>9,.0f} tiles/s {cpu * 1e6:>7.1f} µs of CPU a tile", flush=True)
    server.pin([_SERVER_CORE, _CLIENT_CORE])
    os.sched_setaffinity(0, [_SERVER_CORE, _CLIENT_CORE])
    return rate, cpu


async def _dispatch(server: Server, paths: list[str]) -> None:
    """Warm tiles, each over a connection of its own: those passed on against those that stay."""
    rounds: list[tuple[float, float, float]] = []
    count = 1_500
    for _ in range(ROUNDS):
        figures = []
        for request in (by_url, by_path):
            moved, cpu = server.moved(), server.cpu_seconds()
            chosen = random.Random(1).choices(paths, k=count)
            seconds = [(await load(server.port, iter([request(path)]), 1))[0] for path in chosen]
            figures.append((server.cpu_seconds() - cpu, statistics.median(seconds), server.moved() - moved))
        (stay_cpu, stay, _), (cpu, passed, moves) = figures
        rounds.append(((cpu - stay_cpu) / max(1, moves), (passed - stay) * count / max(1, moves), moves / count))
    cpu, latency, share = sorted(rounds)[ROUNDS // 2]
    print(
        f"{'a connection passed on':30}{cpu * 1e6:>9,.0f} µs of CPU, about {latency * 1e6:,.0f} µs later "
        f"({share:.0%} of the connections were)",
        flush=True,
    )


async def _views(server: Server, proxy: FaultProxy, tiles: list[str], name: str, request: Request) -> None:
    """A viewport of each slide, cold, then the same for a second viewer: milliseconds and GETs."""
    columns = 1 + max(int(path.split("/")[4]) for path in tiles)
    rows = 1 + max(int(path.split("/")[5].removesuffix(".jpg")) for path in tiles)
    chance = random.Random(2)
    proxy.latency = LATENCY
    found: dict[str, list[tuple[float, int, int]]] = {"first": [], "second": []}
    try:
        for n in range(SLIDES):
            left, top = chance.randrange(columns - VIEW[0]), chance.randrange(rows - VIEW[1])
            paths = [f"/tiles/case-{n}.svs/0/{left + x}/{top + y}.jpg" for y in range(VIEW[1]) for x in range(VIEW[0])]
            for viewer in found:
                proxy.seen.clear()
                seconds, _ = await load(server.port, iter([request(path) for path in paths]), CONNECTIONS)
                gets = proxy.gets()
                found[viewer].append((seconds * 1000, len(gets), sum(get.body_bytes for get in gets)))
    finally:
        proxy.latency = 0.0
    for viewer, figures in found.items():
        ms, gets, size = (statistics.median(figure) for figure in zip(*figures, strict=True))
        print(f"{f'{viewer} viewer, {name}':30}{ms:>9.1f} ms {gets:>6.1f} GETs {size / 1e6:>6.2f} MB", flush=True)


if __name__ == "__main__":
    main()
