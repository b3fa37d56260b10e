"""Several viewers at once at 20 ms: on one slide, and each on its own."""

from __future__ import annotations

import asyncio

from tests.benchmarks.lab import Lab
from tests.benchmarks.observation import Observation
from tests.benchmarks.report import ROUND_TRIP, Row
from tests.benchmarks.server_under_test import Target
from tests.benchmarks.viewer import Looks, Viewer
from tests.benchmarks.viewport import Viewport, centre_out, places

CONNECTIONS = 6
WIDTH, HEIGHT = 8, 5
ROUNDS = 10


async def measure(lab: Lab) -> None:
    """All go to a fresh place in the same moment."""
    for target in lab.targets:
        await _together(lab, target, "two on one slide", 2, slides=1)
        await _together(lab, target, "five on five slides", 5, slides=5)
        target.stop()


async def _together(lab: Lab, target: Target, case: str, count: int, slides: int) -> None:
    level = lab.levels[0]
    target.restart()
    if target.distance is not None:
        await target.distance.set(ROUND_TRIP)
    keys = [target.slide(number) for number in range(slides)]
    viewers = [await Viewer.open(target, keys[number % slides], CONNECTIONS) for number in range(count)]
    # Those on one slide never meet: each has its own places.
    ways = [places(level.tiles_x, level.tiles_y, seed=number % (count // slides)) for number in range(count)]
    looks, first = Looks(target), 0.0
    for number in range(1 + lab.times(ROUNDS)):
        views = [Viewport(0, *next(way), WIDTH, HEIGHT) for way in ways]
        observation = await Observation.begin(target)
        told = await asyncio.gather(
            *(viewer.see(0, centre_out(view)) for viewer, view in zip(viewers, views, strict=True))
        )
        cost = await observation.end()
        if not number:
            first = max(answers.seconds for answers in told)
            continue
        for index, (answers, view) in enumerate(zip(told, views, strict=True)):
            looks.note(answers, level.bytes_of(view.tiles), None if index else cost)
    for viewer in viewers:
        viewer.close()
    lab.report.add(
        Row("several viewers, 20 ms", f"{case}, {CONNECTIONS} connections each", target.name, looks.figures(first))
    )
