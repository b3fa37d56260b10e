"""Pans and zooms at 20 ms: somebody who goes on from where they are. Each step asks only for what it brings into view."""

from __future__ import annotations

import asyncio

from tests.benchmarks.lab import Lab
from tests.benchmarks.report import ROUND_TRIP, Row
from tests.benchmarks.server_under_test import Target
from tests.benchmarks.viewer import Looks, Viewer
from tests.benchmarks.viewport import Viewport, centre_out, in_rows, places

CONNECTIONS = 6
WIDTH, HEIGHT = 8, 5
STEPS = {"one column at a time": (1, 0), "one row at a time": (0, 1), "L-shaped strips": (1, 1)}
EACH = 6
"""Steps from one place."""

_PAUSE = 0.1
"""Seconds between two steps of a pan: a drag brings a new column about so often."""


async def measure_pans(lab: Lab) -> None:
    """New rows, new columns, both at once; after a first viewport that is not counted."""
    level = lab.levels[0]
    for target in lab.targets:
        viewer = await _opened(target)
        fresh = places(level.tiles_x, level.tiles_y, seed=1, room=(WIDTH + EACH, HEIGHT + EACH))
        for case, (right, down) in STEPS.items():
            looks = Looks(target)
            for _ in range(lab.times(5)):
                view = Viewport(0, *next(fresh), WIDTH, HEIGHT)
                await viewer.see(0, centre_out(view))
                for _ in range(EACH):
                    await asyncio.sleep(_PAUSE)
                    before, view = view, view.moved(right, down)
                    await looks.add(viewer, level, view.new_after(before))
            lab.report.add(Row("pans, 20 ms", f"{case}, {CONNECTIONS} connections", target.name, looks.figures()))
        viewer.close()
        target.stop()


async def measure_zooms(lab: Lab) -> None:
    """The same centre on the next level, out and in; and the small levels whole, as a page first shows a slide."""
    levels = lab.levels
    for target in lab.targets:
        viewer = await _opened(target)
        out, closer, whole = Looks(target), Looks(target), Looks(target)
        for number, centre in enumerate(_far_apart(lab)):
            views = [Viewport(0, centre[0] - WIDTH // 2, centre[1] - HEIGHT // 2, WIDTH, HEIGHT)]
            for level in levels[1:3]:
                views.append(views[-1].zoomed_out(2, level.tiles_x, level.tiles_y))
            into = out if number % 2 == 0 else closer
            first, *following = views if number % 2 == 0 else views[::-1]
            await viewer.see(first.level, centre_out(first))
            for view in following:
                await asyncio.sleep(_PAUSE)
                await into.add(viewer, levels[view.level], centre_out(view))
        viewer.close()
        for number in range(1, 5):
            viewer = await Viewer.open(target, target.slide(number), CONNECTIONS)
            for level in levels[:3:-1]:
                await whole.add(viewer, level, in_rows(Viewport(level.level, 0, 0, level.tiles_x, level.tiles_y)))
            viewer.close()
        for case, looks in {"out": out, "in": closer, "the two last levels whole": whole}.items():
            lab.report.add(Row("zooms, 20 ms", f"{case}, {CONNECTIONS} connections", target.name, looks.figures()))
        target.stop()


async def _opened(target: Target) -> Viewer:
    target.restart()
    if target.distance is not None:
        await target.distance.set(ROUND_TRIP)
    return await Viewer.open(target, target.slide(), CONNECTIONS)


def _far_apart(lab: Lab) -> list[tuple[int, int]]:
    """Centres whose viewports stay apart on the third level too, in an order that jumps."""
    level = lab.levels[0]
    across, down = level.tiles_x // 4, level.tiles_y // 4
    cells = [((7 * i) % 16 % 4, (7 * i) % 16 // 4) for i in range(16)]
    return [(i * across + across // 2, j * down + down // 2) for i, j in cells][: lab.times(16)]
