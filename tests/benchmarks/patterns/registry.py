"""All patterns by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.benchmarks.lab import Lab
from tests.benchmarks.patterns import (
    cancelled,
    indexing,
    jpeg2000,
    million,
    opening,
    pans,
    random_tiles,
    viewers,
    viewports,
    warm,
)

PATTERNS: dict[str, Callable[[Lab], Awaitable[None]]] = {
    "warm": warm.measure,
    "random": random_tiles.measure,
    "viewports": viewports.measure,
    "hints": viewports.measure_hinted,
    "pans": pans.measure_pans,
    "zooms": pans.measure_zooms,
    "viewers": viewers.measure,
    "cancelled": cancelled.measure,
    "opening": opening.measure_cold,
    "index": indexing.measure,
    "many": opening.measure_many,
    "jpeg2000": jpeg2000.measure,
    "million": million.measure,
}
