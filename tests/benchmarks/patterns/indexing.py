"""How fast slides become known: two hundred new ones, and the same again unchanged. Ours alone: the original has no index."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from tests.benchmarks.distance import S3Use
from tests.benchmarks.indexer import Indexer
from tests.benchmarks.lab import Lab
from tests.benchmarks.process import Use
from tests.benchmarks.report import Figures, Row
from tests.benchmarks.storage import COPIES, MANY


async def measure(lab: Lab) -> None:
    """On the core of the servers under test, S3 beside it."""
    if lab.options.without_ours:
        return
    for target in lab.targets:
        target.stop()
    await lab.distance.set(0)
    await lab.distance.reset()
    async with _indexer(lab, lab.cores.server) as indexer:
        before, began = indexer.use(), time.monotonic()
        await asyncio.to_thread(indexer.wait, len(MANY))
        seconds = time.monotonic() - began
        _add(lab, "new slides", seconds, await lab.distance.take(), before, indexer.use())
        scanned, _ = await asyncio.to_thread(indexer.last_scan_seconds)
    # A new process scans once as it starts: that is a scan by the clock, of slides that are all known.
    async with _indexer(lab, lab.cores.server) as indexer:
        _, seconds = await asyncio.to_thread(indexer.last_scan_seconds, scanned)
        _add(lab, "unchanged slides", seconds, await lab.distance.take())


async def index_copies(lab: Lab) -> None:
    """Have the copies in the catalog; at once where they are."""
    await lab.distance.set(0)
    async with _indexer(lab, lab.cores.others) as indexer:
        await asyncio.to_thread(indexer.wait, len(MANY))


@contextlib.asynccontextmanager
async def _indexer(lab: Lab, cores: frozenset[int]) -> AsyncIterator[Indexer]:
    indexer = await asyncio.to_thread(Indexer.start, COPIES, lab.env, cores, lab.distance, lab.folder)
    try:
        yield indexer
    finally:
        await asyncio.to_thread(indexer.stop)


def _add(lab: Lab, case: str, seconds: float, s3: S3Use, before: Use | None = None, after: Use | None = None) -> None:
    count = len(MANY)
    figures = Figures(
        rate=count / seconds,
        gets=s3.gets / count,
        other_requests=(s3.heads + s3.lists) / count,
        s3_mb=s3.body_bytes / 1e6 / count,
        cpu_ms=1000 * (after.cpu_seconds - before.cpu_seconds) / count if before and after else None,
        rss_mb=after.rss_mb if after else None,
    )
    lab.report.add(Row("index", case, "ours", figures, f"{count} slides in {seconds:.2f} s; {s3.lists} LISTs"))
