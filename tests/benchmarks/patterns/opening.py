"""Slides that a worker has not seen: one on a cold worker, and two hundred in turn, at 20 ms."""

from __future__ import annotations

import asyncio
import contextlib
import random
from urllib.error import URLError
from urllib.parse import quote

from tests.benchmarks.lab import Lab
from tests.benchmarks.load import Client, get
from tests.benchmarks.observation import Observation
from tests.benchmarks.patterns.indexing import index_copies
from tests.benchmarks.report import ROUND_TRIP, Row
from tests.benchmarks.server_under_test import Target, metadata
from tests.benchmarks.storage import COPIES, MANY
from tests.benchmarks.viewer import Looks
from tests.benchmarks.viewport import Tile

RESTARTS = 6


async def measure_cold(lab: Lab) -> None:
    """Metadata, then a tile, each time of a worker that has just come up."""
    for target in lab.targets:
        opened, tile, both = Looks(target), Looks(target), Looks(target)
        for number in range(lab.times(RESTARTS)):
            target.restart()
            await _near(target, ROUND_TRIP)
            client = await Client.open(target.url, 1)
            await _open_one(lab, client, target, target.slide(), (40 + number, 30), opened, tile, both)
            client.close()
        for case, looks in {"metadata": opened, "the tile after": tile, "both": both}.items():
            lab.report.add(Row("open a slide on a cold worker, 20 ms", case, target.name, looks.figures()))
        target.stop()


async def measure_many(lab: Lab) -> None:
    """Metadata and a tile of two hundred slides, one after the other; then the first again."""
    if not lab.options.without_ours:
        await index_copies(lab)
    keys = MANY[: 20 if lab.options.quick else len(MANY)]
    rng = random.Random(5)
    level = lab.levels[0]
    for target in lab.targets:
        if not target.restart(prefix=COPIES):
            with contextlib.suppress(URLError):
                await asyncio.to_thread(metadata, target.url, keys[0])
        await _near(target, ROUND_TRIP)
        client = await Client.open(target.url, 1)
        every, again = Looks(target), Looks(target)
        observation = await Observation.begin(target)
        for key in keys:
            await _go(lab, client, key, (rng.randrange(level.tiles_x), rng.randrange(60)), every)
        every.costs.append(await observation.end())
        note = f"{sum(every.seconds):.1f} s in all"
        lab.report.add(Row("200 slides in turn, 20 ms", "metadata and a tile", target.name, every.figures(), note))
        observation = await Observation.begin(target)
        await _go(lab, client, keys[0], (7, level.tiles_y - 1), again)
        again.costs.append(await observation.end())
        lab.report.add(Row("200 slides in turn, 20 ms", "the first again", target.name, again.figures()))
        client.close()
        target.stop()


async def _go(lab: Lab, client: Client, key: str, tile: Tile, looks: Looks) -> None:
    """Metadata and a tile, without a pause for what S3 may still be asked."""
    ref = quote(key, safe="")
    told = await client.run(iter([get(f"/slides/{ref}"), get(f"/tiles/{ref}/0/{tile[0]}/{tile[1]}.jpg")]))
    looks.note(told, lab.levels[0].bytes_of([tile]))


async def _open_one(
    lab: Lab, client: Client, target: Target, key: str, tile: Tile, opened: Looks, first: Looks, both: Looks
) -> None:
    level, ref = lab.levels[0], quote(key, safe="")
    observation = await Observation.begin(target)
    told = await client.run(iter([get(f"/slides/{ref}")]))
    cost = await observation.end()
    opened.note(told, 0, cost)
    observation = await Observation.begin(target)
    after = await client.run(iter([get(f"/tiles/{ref}/0/{tile[0]}/{tile[1]}.jpg")]))
    own, tile_cost = level.bytes_of([tile]), await observation.end()
    first.note(after, own, tile_cost)
    after.seconds += told.seconds
    after.refused += told.refused
    both.note(after, own, cost)
    both.costs.append(tile_cost)


async def _near(target: Target, seconds: float) -> None:
    if target.distance is not None:
        await target.distance.set(seconds)
