"""Cold viewports at 20 ms: what somebody sees who goes where nobody was before."""

from __future__ import annotations

from tests.benchmarks.lab import Lab
from tests.benchmarks.report import ROUND_TRIP, Row
from tests.benchmarks.server_under_test import Target
from tests.benchmarks.viewer import Looks, Viewer
from tests.benchmarks.viewport import ORDERS, Viewport, places

FOLLOWING = 10
"""Viewports after the first of a size."""


async def measure(lab: Lab) -> None:
    """Each size in each order over few connections and many, without a hint."""
    for target in lab.targets:
        for connections in lab.options.connections:
            for order in lab.options.orders:
                await _series(lab, target, connections, order, hinted=False)
        target.stop()


async def measure_hinted(lab: Lab) -> None:
    """The same where the viewer says first what it will ask for."""
    for target in lab.targets:
        target.restart()
        viewer = await Viewer.open(target, target.slide(), 1)
        refused = await viewer.takes_hints()
        viewer.close()
        if refused is not None:
            lab.report.skip(f"viewports with a hint: {target.name} answers {refused.decode('latin-1')}")
            continue
        for connections in lab.options.connections:
            for order in lab.options.orders:
                await _series(lab, target, connections, order, hinted=True)
        target.stop()


async def _series(lab: Lab, target: Target, connections: int, order: str, *, hinted: bool) -> None:
    """All sizes, one after the other: the server learns of each new size from its first viewport."""
    level = lab.levels[0]
    target.restart()
    if target.distance is not None:
        await target.distance.set(ROUND_TRIP)
    viewer = await Viewer.open(target, target.slide(), connections, (level.tiles_x - 1, level.tiles_y - 1))
    fresh = places(level.tiles_x, level.tiles_y, seed=0)
    try:
        for width, height in lab.options.sizes:
            first: float | None = None
            looks = Looks(target)
            for number in range(1 + lab.times(FOLLOWING)):
                view = Viewport(0, *next(fresh), width, height)
                into = looks if number else Looks(target)
                seconds = await into.add(viewer, level, ORDERS[order](view), view if hinted else None)
                if not number:
                    first = seconds
            lab.report.add(
                Row(
                    "viewports with a hint, 20 ms" if hinted else "cold viewports, 20 ms",
                    f"{width}x{height} {order}, {connections} connections",
                    target.name,
                    looks.figures(first),
                )
            )
    finally:
        viewer.close()
