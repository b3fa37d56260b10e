"""What the indexer tells of itself while it works: gauges, and a line for whoever watches."""

from __future__ import annotations

import asyncio

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.slides.errors import CatalogUnavailable
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.telemetry.metrics import Metrics

REPORT_SECONDS = 3.0
IDLE_SECONDS = 30.0
"""Counting a million slides takes a moment, so the counts are left alone while nothing happens."""

_log = structlog.get_logger("wsi_streamer.indexer")


class Reporter:
    """A line each few seconds while there is work, and one when all is done."""

    def __init__(self, catalog: Catalog, metrics: Metrics) -> None:
        self._catalog = catalog
        self._metrics = metrics

    async def run(self) -> None:
        """Until cancelled."""
        told, counted = False, -IDLE_SECONDS
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            now = asyncio.get_running_loop().time()
            try:
                backlog = await self._catalog.jobs.backlog(lately=True)
                self._metrics.index_backlog.set(backlog)
                if not (backlog or told or now - counted >= IDLE_SECONDS):
                    continue
                counts = await self._catalog.listing.counts(lately=backlog > 0)
            except CatalogUnavailable:
                continue
            counted = now
            for status, count in counts.items():
                self._metrics.slides.labels(str(status)).set(count)
            if backlog or told:
                _tell(counts, backlog)
            told = backlog > 0


def _tell(counts: dict[SlideStatus, int], backlog: int) -> None:
    refused = counts[SlideStatus.FAILED] + counts[SlideStatus.UNSUPPORTED]
    if backlog:
        _log.info("indexing", indexed=counts[SlideStatus.INDEXED], refused=refused, waiting=backlog)
    else:
        _log.info("all slides indexed", indexed=counts[SlideStatus.INDEXED], refused=refused)
