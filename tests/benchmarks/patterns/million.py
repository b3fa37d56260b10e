"""Lists, searches and opening slides in a catalog of a million: what tests/benchmarks/catalog_patterns.py measures, where it
is present."""

from __future__ import annotations

import importlib

from tests.benchmarks.lab import Lab
from tests.benchmarks.report import Figures, Row

SLIDES = 1_000_000


async def measure(lab: Lab) -> None:
    """Ours alone: the original lists its bucket."""
    if lab.options.without_ours:
        return
    for target in lab.targets:
        target.stop()
    try:
        catalog_patterns = importlib.import_module("tests.benchmarks.catalog_patterns")
    except ModuleNotFoundError:
        lab.report.skip("list and search in a million slides: tests/benchmarks/catalog_patterns.py is not there")
        return
    few = {"slides": 20_000, "rounds": 8} if lab.options.quick else {"slides": SLIDES}
    timings = await catalog_patterns.patterns(**few)
    # Those that have to be fast are a table of their own.
    for timing in sorted(timings, key=lambda timing: timing.target_ms is None):
        pattern = "list and search" if timing.target_ms is not None else "open and look after"
        lab.report.add(
            Row(
                f"{pattern} in {timing.slides:,} slides",
                f"{timing.pattern} ({timing.via})",
                "ours",
                Figures(p50_ms=timing.p50_ms, p95_ms=timing.p95_ms),
            )
        )
