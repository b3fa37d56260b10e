"""Warm tiles: the same few hundred again and again, beside the least that an ASGI application can do."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from urllib.parse import quote

import httpx

from tests.benchmarks.lab import Lab
from tests.benchmarks.load import Client, for_seconds, get
from tests.benchmarks.observation import Observation
from tests.benchmarks.process import started, stopped, use_of
from tests.benchmarks.report import Figures, Row, quantile
from tests.benchmarks.server_under_test import Started, Target, await_answer, metadata, product
from tests.benchmarks.storage import BUCKET, MAIN, SLIDE
from tests.support.s3server import free_port
from wsi_streamer.access import viewer_tokens

CONNECTIONS = 32
SECONDS = 1.5
ROUNDS = 3
_CLIENT_BOUND = 0.95
"""Share of its core from which on the client, not the server, may be what is measured."""


@dataclass(frozen=True, slots=True)
class _Rate:
    rate: float
    each: list[float]
    failed: int
    client_share: float


@dataclass(frozen=True, slots=True)
class Bare:
    """The yardstick, running."""

    url: str
    pid: int
    open_share: float | None = None
    """What share of its rate the server reached with access open: with access on that is what it is held against."""


async def measure(lab: Lab) -> None:
    """With access open, with a viewer token that is checked, and with a grant's cookie."""
    port = free_port()
    line = [sys.executable, "-m", "uvicorn", "tests.benchmarks.bare:app", "--port", str(port), "--no-access-log"]
    line += ["--log-level", "error", "--loop", "uvloop", "--http", "httptools"]
    with (lab.folder / "bare.log").open("wb") as output:
        bare = started(line, lab.env, lab.cores.server, output)
    try:
        bare_url = f"http://127.0.0.1:{port}"
        await asyncio.to_thread(await_answer, bare_url)
        for target in lab.targets:
            yardstick = Bare(bare_url, bare.pid)
            share = await _one(lab, target, yardstick, "access open")
            yardstick = replace(yardstick, open_share=share)
            await _one(lab, target, yardstick, "viewer token", secrets.token_hex(32))
            if isinstance(target, Started) and target.name == "ours":
                await _one(lab, target, yardstick, "grant", secrets.token_hex(32), grant_of=target)
            target.stop()
    finally:
        stopped(bare)


async def _one(
    lab: Lab, target: Target, yardstick: Bare, case: str, secret: str | None = None, *, grant_of: Started | None = None
) -> float | None:
    """Measure one case; the share of the yardstick's rate, None where the server can't be set up so."""
    query, env, headers = "", {}, {}
    if secret is not None:
        env = {"WSI_AUTH_ENABLED": "true", "WSI_AUTH_SECRET": secret}
        exp = int(time.time()) + 3600
        query = f"?vt={viewer_tokens.mint(secret.encode(), SLIDE, exp)}&exp={exp}"
    if not target.restart(env=env) and secret is not None:
        lab.report.skip(f"warm tiles with a token: the secret of {target.name} is not ours to set")
        return None
    if target.distance is not None:
        await target.distance.set(0)
    await asyncio.to_thread(metadata, target.url, SLIDE, query)
    if grant_of is not None:
        query, headers = "", {"Cookie": await asyncio.to_thread(_cookie, lab, grant_of, env)}
    tiles = [
        get(f"/tiles/{quote(SLIDE, safe='')}/0/{x}/{y}.jpg{query}", headers=headers)
        for y in range(10)
        for x in range(20)
    ]
    warming = await Client.open(target.url, CONNECTIONS)
    await warming.run(iter(tiles))
    warming.close()
    observation, bare_before = await Observation.begin(target), use_of(yardstick.pid).cpu_seconds
    pairs = [
        (await _rate(lab, target.url, tiles), await _rate(lab, yardstick.url, tiles))
        for _ in range(1 if lab.options.quick else ROUNDS)
    ]
    cost = await observation.end()
    here, bare = sorted(pairs, key=lambda pair: pair[0].rate / pair[1].rate)[len(pairs) // 2]
    count = sum(len(pair[0].each) for pair in pairs)
    bare_ms = 1000 * (use_of(yardstick.pid).cpu_seconds - bare_before) / sum(len(pair[1].each) for pair in pairs)
    share = here.rate / bare.rate
    note = f"{share:.2f} of bare uvicorn, whose tile takes {bare_ms:.3f} ms of CPU"
    if yardstick.open_share is not None:
        note += f"; {share / yardstick.open_share:.2f} of what it does with access open"
    if here.client_share > _CLIENT_BOUND:
        note += "; the client's core was full"
    lab.report.add(
        Row(
            "warm tiles",
            f"{case}, {CONNECTIONS} connections",
            target.name,
            Figures(
                p50_ms=1000 * (quantile(here.each, 0.5) or 0),
                p95_ms=1000 * (quantile(here.each, 0.95) or 0),
                rate=here.rate,
                yardstick=bare.rate * (yardstick.open_share or 1),
                gets=cost.gets(count),
                cpu_ms=cost.cpu_ms(count),
                rss_mb=cost.rss_mb,
                failed=here.failed,
            ),
            note,
        )
    )
    return share


def _cookie(lab: Lab, target: Started, env: dict[str, str]) -> str:
    """The session of a browser that has opened a grant's link."""
    assert target.distance is not None
    line = [*product("grant", "create"), "--slide", SLIDE, "--expires-in", "1h", "--permission", "metadata", "--json"]
    line += ["--s3-bucket", BUCKET, "--s3-prefix", MAIN, "--s3-endpoint", target.distance.endpoint]
    line += ["--data-dir", str(lab.folder / "data")]
    made = subprocess.run(line, env={**target.env, **env}, capture_output=True, text=True, check=True).stdout
    url = target.url + json.loads(made)["url"]
    answer = httpx.get(url, headers={"accept": "text/html"})
    return str(answer.headers["set-cookie"].partition(";")[0])


async def _rate(lab: Lab, url: str, requests: list[bytes]) -> _Rate:
    client = await Client.open(url, CONNECTIONS)
    try:
        cpu = time.process_time()
        told = await client.run(for_seconds(requests, SECONDS / 4 if lab.options.quick else SECONDS))
        share = (time.process_time() - cpu) / told.seconds
    finally:
        client.close()
    return _Rate(len(told.each) / told.seconds, told.each, len(told.refused) + told.unanswered, share)
