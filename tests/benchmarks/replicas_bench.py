"""``python -m tests.benchmarks.replicas_bench``: cold viewports through nginx from three tile workers, beside one in the same run.

Workers are ``wsi-streamer tiles`` processes on one catalog, as in a cluster; nginx is the shipped configuration, which sends
a slide's requests to one of them (nothing is kept: URLs have no version). The same three behind an nginx that takes turns show
what that brings. On a machine of two cores three workers have no more CPU than one has; this is about round trips.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import statistics
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import uvloop

from tests.benchmarks.load import get, load
from tests.benchmarks.process import stopped
from tests.benchmarks.server_under_test import await_answer, clean_env, product
from tests.samples import ensure_samples
from tests.support.fault_proxy import FaultProxy, proxy_before
from tests.support.nginx import nginx
from tests.support.s3server import Bucket, S3Server, free_port

SLIDES = 12
"""Looked at one after the other, and as many more all at once."""

VIEW = (8, 5)
CONNECTIONS = 6
LATENCY = 0.02
ROUNDS = 3

Tiles = list[list[str]]
"""Paths of the tiles of a viewport of each slide."""

Figures = dict[str, tuple[float, float]]
"""Milliseconds and GETs, by what was measured."""


def main() -> None:
    """Bring all of it up, measure, and say what was seen."""
    slide = max(ensure_samples().glob("*.svs"), key=lambda path: path.stat().st_size)
    with tempfile.TemporaryDirectory(prefix="wsi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # as root, Postgres is another user
        uvloop.run(_main(slide, Path(folder)))


async def _main(slide: Path, folder: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = S3Server.start(folder / "objects")
        stack.callback(server.stop)
        server.client().create_bucket(Bucket="bench")
        for n in range(2 * SLIDES):
            await asyncio.to_thread(Bucket(server, "bench").put, f"case-{n}.svs", slide)
        proxy = await stack.enter_async_context(proxy_before(server.endpoint))
        env = clean_env(server.env)
        arguments = ["s3://bench", "--s3-endpoint", proxy.endpoint, "--data-dir", str(folder / "data")]
        indexing = free_port()
        stack.enter_context(_process("serve", arguments, env, folder, indexing))
        await asyncio.to_thread(await_answer, f"http://127.0.0.1:{indexing}")
        across, down = await _indexed(indexing)
        chance = random.Random(2)
        views = [
            _view(n, chance.randrange(across - VIEW[0]), chance.randrange(down - VIEW[1])) for n in range(2 * SLIDES)
        ]
        cases = {"1 worker": (1, False), "3 workers": (3, False), "3 workers, in turn": (3, True)}
        found: dict[str, list[Figures]] = {name: [] for name in cases}
        for number in range(ROUNDS):
            for name, (workers, plain) in cases.items():
                place = folder / f"{name} {number}".replace(" ", "-").replace(",", "")
                async with _replicas(workers, arguments, env, place, plain=plain) as port:
                    found[name].append(await _measured(port, proxy, views))
        _tell(found)


@contextlib.asynccontextmanager
async def _replicas(
    count: int, arguments: list[str], env: Mapping[str, str], folder: Path, *, plain: bool
) -> AsyncIterator[int]:
    """Tile workers with nothing in memory, behind an nginx; its port."""
    await asyncio.to_thread(folder.mkdir)
    with contextlib.ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        for port in ports:
            stack.enter_context(_process("tiles", arguments, env, folder, port))
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for url in urls:
            await asyncio.to_thread(await_answer, url)
        async with nginx(folder / "nginx", urls, access=False, plain=plain) as edge:
            yield int(edge.rpartition(":")[2])


@contextlib.contextmanager
def _process(command: str, arguments: list[str], env: Mapping[str, str], folder: Path, port: int) -> Iterator[None]:
    line = [*product(command), *arguments, "--host", "127.0.0.1", "--port", str(port), "--admin-port", "0"]
    with (folder / f"{command}-{port}.log").open("wb") as output:
        process = subprocess.Popen(
            line, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield
    finally:
        stopped(process)


async def _indexed(port: int) -> tuple[int, int]:
    """Columns and rows of level 0, once all slides are known."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http, asyncio.timeout(120):
        for n in range(2 * SLIDES):
            while (answer := await http.get(f"/slides/case-{n}.svs")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    level = answer.json()["levels"][0]
    return level["tiles_x"], level["tiles_y"]


def _view(slide: int, left: int, top: int) -> list[str]:
    return [f"/tiles/case-{slide}.svs/0/{left + x}/{top + y}.jpg" for y in range(VIEW[1]) for x in range(VIEW[0])]


async def _measured(port: int, proxy: FaultProxy, views: Tiles) -> Figures:
    """Medians over the slides; viewports in the order of their rows."""
    proxy.latency = LATENCY
    alone: dict[str, list[tuple[float, int]]] = {"first viewer": [], "second viewer": []}
    try:
        for paths in views[:SLIDES]:
            for viewer in alone:
                proxy.seen.clear()
                seconds = await _viewed(port, paths)
                alone[viewer].append((seconds * 1000, len(proxy.gets())))
        proxy.seen.clear()
        together = await asyncio.gather(*(_viewed(port, paths) for paths in views[SLIDES:]))
        gets = len(proxy.gets()) / len(together)
    finally:
        proxy.latency = 0.0
    figures = {
        viewer: (statistics.median(ms for ms, _ in seen), statistics.median(gets for _, gets in seen))
        for viewer, seen in alone.items()
    }
    return figures | {f"{SLIDES} viewers at once": (statistics.median(together) * 1000, gets)}


async def _viewed(port: int, paths: list[str]) -> float:
    """Seconds until the last tile; all of them must be there."""
    seconds, answers = await load(port, iter([get(path) for path in paths]), CONNECTIONS)
    assert len(answers) == len(paths)
    return seconds


def _tell(found: dict[str, list[Figures]]) -> None:
    """The middle one of the rounds, and how it compares with one worker's."""
    print(f"{'':44}{'ms':>8}{'ratio':>8}{'GETs':>8}")
    names = list(found["1 worker"][0])
    for what in names:
        yardstick = 0.0
        for case, rounds in found.items():
            ms, gets = sorted(figures[what] for figures in rounds)[ROUNDS // 2]
            yardstick = yardstick or ms
            print(f"{f'{what}, {case}':44}{ms:>8.1f}{ms / yardstick:>8.2f}{gets:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
