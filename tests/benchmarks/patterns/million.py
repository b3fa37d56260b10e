"""Lists and searches in a catalog of a million slides: see tests/benchmarks/catalog_patterns.py, where it is present."""

from __future__ import annotations

import importlib

from tests.benchmarks.lab import Lab


async def measure(lab: Lab) -> None:
    """Hand over to ``catalog_patterns.patterns(lab)``."""
    for target in lab.targets:
        target.stop()
    try:
        catalog_patterns = importlib.import_module("tests.benchmarks.catalog_patterns")
    except ModuleNotFoundError:
        lab.report.skip("list and search in a million slides: tests/benchmarks/catalog_patterns.py is not there")
        return
    await catalog_patterns.patterns(lab)
