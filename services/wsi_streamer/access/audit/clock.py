"""Clocks in step: this machine's and that of Postgres."""

from __future__ import annotations

from collections.abc import Callable

from wsi_streamer.catalog.audit import AuditQueries

WARN_SECONDS = 1.0


async def clock_offset(queries: AuditQueries, now: Callable[[], float]) -> float:
    """Seconds by which Postgres' clock is ahead of ``now``, the way there and back taken as equally long; the quicker of
    two looks.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    looks = []
    for _ in range(2):
        before = now()
        there = (await queries.clock()).timestamp()
        after = now()
        looks.append((after - before, there - (before + after) / 2))
    return min(looks)[1]
