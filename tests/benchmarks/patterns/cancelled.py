"""A client that hangs up while its tile is on the way, and a hundred others who want it then."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from tests.benchmarks.lab import Lab
from tests.benchmarks.load import Client, get
from tests.benchmarks.observation import Observation
from tests.benchmarks.report import ROUND_TRIP, Row
from tests.benchmarks.server_under_test import Target
from tests.benchmarks.viewer import Looks, Viewer
from tests.benchmarks.viewport import places

OTHERS = 100
TIMES = 5
GIVE_UP = 2.0
"""Seconds after which a tile counts as never answered: a hundred round trips."""


async def measure(lab: Lab) -> None:
    """How long until all hundred have it."""
    for target in lab.targets:
        await _one(lab, target)
        target.stop()


async def _one(lab: Lab, target: Target) -> None:
    level = lab.levels[0]
    target.restart()
    if target.distance is not None:
        await target.distance.set(ROUND_TRIP)
    key = target.slide()
    viewer = await Viewer.open(target, key, 1)
    viewer.close()
    fresh, looks = places(level.tiles_x, level.tiles_y, seed=0), Looks(target)
    for _ in range(lab.times(TIMES)):
        x, y = next(fresh)
        request = get(f"/tiles/{quote(key, safe='')}/0/{x}/{y}.jpg")
        others = await Client.open(target.url, OTHERS)
        leaver = await Client.open(target.url, 1)
        observation = await Observation.begin(target)
        leaving = asyncio.create_task(leaver.run(iter([request])))
        await asyncio.sleep(ROUND_TRIP / 2)  # its GET is under way
        leaver.close()
        told = await others.run(iter([request] * OTHERS), give_up=GIVE_UP)
        leaving.cancel()
        looks.note(told, level.bytes_of([(x, y)]), await observation.end())
        others.close()
    lab.report.add(
        Row(
            "cancelled, then 100 others, 20 ms", "until all have it", target.name, looks.figures(),
            f"{looks.failed} of {OTHERS * len(looks.seconds)} not answered in {GIVE_UP:.0f} s",
        )
    )  # fmt: skip
