"""When the bucket is scanned."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.indexer.scan_times import ScanTimes
from wsi_streamer.slides.errors import CatalogUnavailable

RETRY_SECONDS = 3.0

LOOK_SECONDS = 300.0
"""Between looks at the clock at most, where scans have their times: a machine may sleep, and clocks be set."""

Step = Callable[[], Awaitable[float]]

_log = structlog.get_logger("wsi_streamer.indexer")


class ScanSchedule:
    """A scan at the start, then one each interval or at each of some times, however many indexers there are: each looks when
    the last one was. Times that were missed are made up for by one scan.

    Args:
        interval: seconds between scans; 0 for none after the first.
        times: count instead of the interval, where they are given.
    """

    def __init__(self, catalog: Catalog, interval: float, times: ScanTimes | None = None) -> None:
        self._catalog = catalog
        self._interval = interval
        self._times = times

    async def run(self) -> None:
        """Until cancelled, or the only scan is queued."""
        delay = await self._retried(self._begin)
        step = self._queue_if_due if self._times is None else partial(self._queue_if_time, self._times)
        while delay:
            await asyncio.sleep(delay)
            delay = await self._retried(step)

    async def _begin(self) -> float:
        await self._catalog.jobs.enqueue("scan")
        outdated = await self._catalog.jobs.enqueue_outdated()
        if outdated:
            _log.info("slides of an older release are indexed anew", slides=outdated)
        return self._interval if self._times is None else await self._queue_if_time(self._times)

    async def _queue_if_due(self) -> float:
        """Queue a scan where one is due; returns the seconds until the next look."""
        last = await self._catalog.scans.last()
        age = self._interval if last is None else (datetime.now(UTC) - last.started_at).total_seconds()
        if age < self._interval * 0.9:
            # Jitter, lest many indexers look in the same moment and each find a scan due.
            return (self._interval - age) * random.uniform(1.0, 1.1)  # noqa: S311
        await self._catalog.jobs.enqueue("scan")
        return self._interval * random.uniform(0.9, 1.1)  # noqa: S311

    async def _queue_if_time(self, times: ScanTimes) -> float:
        """Queue a scan where none has begun since the latest of the times; returns the seconds until the next look."""
        now = await self._catalog.scans.clock()  # Postgres' own, the same for all indexers and for what is on record
        await self._catalog.jobs.enqueue_scan_since(times.latest(now))
        wait = (times.next(now) - now) / timedelta(seconds=1)
        return min(wait, LOOK_SECONDS) + random.uniform(0.0, 0.5)  # noqa: S311

    async def _retried(self, step: Step) -> float:
        while True:
            try:
                return await step()
            except CatalogUnavailable as error:
                _log.warning("no scan could be queued", reason=error.message)
                await asyncio.sleep(RETRY_SECONDS)
