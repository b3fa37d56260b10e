"""JPEG 2000 tiles of 512 px, cold over HTTP: what transcoding gets done on one core."""

from __future__ import annotations

import random

from tests.benchmarks.lab import Lab
from tests.benchmarks.patterns.cold_tiles import ask_for_cold_tiles
from tests.benchmarks.report import Row
from tests.benchmarks.storage import JPEG2000

CONNECTIONS = 16
"""Fewer than our server lets wait for its one thread."""


async def measure(lab: Lab) -> None:
    """Distinct tiles all over level 0, S3 beside the server."""
    level = lab.jpeg2000_levels[0]
    tiles = [(x, y) for y in range(level.tiles_y) for x in range(level.tiles_x)]
    random.Random(2).shuffle(tiles)
    for target in lab.targets:
        target.restart()
        figures, count = await ask_for_cold_tiles(
            lab, target, JPEG2000, level, tiles[CONNECTIONS:], first=tiles[:CONNECTIONS], connections=CONNECTIONS
        )
        target.stop()
        case = f"512 px, {CONNECTIONS} connections, 0 ms"
        lab.report.add(Row("cold JPEG 2000", case, target.name, figures, f"{count} tiles"))
