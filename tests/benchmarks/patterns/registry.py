"""All patterns by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.benchmarks.lab import Lab
from tests.benchmarks.patterns import random_tiles, viewports

PATTERNS: dict[str, Callable[[Lab], Awaitable[None]]] = {
    "random": random_tiles.measure,
    "viewports": viewports.measure,
    "hints": viewports.measure_hinted,
}
