"""One scan: the bucket's listing against the catalog, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.scans import ScanTotals
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.telemetry.metrics import Metrics

_log = structlog.get_logger("wsi_streamer.indexer")


class Scanner:
    """Finds new, changed and missing slides. What it finds is queued page by page, so that the first slides are indexed
    while the scan still runs."""

    def __init__(self, catalog: Catalog, store: ObjectStore, metrics: Metrics, *, prefix: str, grace: int) -> None:
        """``grace``: scans in a row that must miss a slide before it is off the list."""
        self._catalog = catalog
        self._store = store
        self._metrics = metrics
        self._prefix = prefix
        self._grace = grace

    async def scan(self, *, force: bool, progress: Callable[[ScanTotals], None]) -> ScanTotals:
        """List everything under the prefix.

        A scan that fails marks nothing as vanished, but what it had found stays queued.

        Args:
            force: mark what is missing at once, even more than half of all slides.
            progress: told after each page.

        Raises:
            WsiError: the store or the catalog failed.
        """
        began = time.monotonic()
        scan_id = await self._catalog.scans.begin()
        totals = ScanTotals()
        try:
            totals, missing = await self._pages(progress)
            vanished = await self._catalog.objects.mark_vanished(missing, grace=self._grace, force=force)
            totals = ScanTotals(totals.listed, totals.found, totals.changed, vanished.marked, vanished.held_back)
            await self._catalog.jobs.enqueue_pending()
        except WsiError as error:
            self._metrics.scans.labels("failed").inc()
            await self._catalog.scans.finish(scan_id, totals, error.message)
            raise
        await self._catalog.scans.finish(scan_id, totals)
        self._metrics.scans.labels("done").inc()
        self._metrics.scan_seconds.observe(time.monotonic() - began)
        if totals.held_back:
            _log.warning(
                "more than half of all slides are missing from the bucket: none is taken off the list. If that is right, "
                "reindex with force.",
                missing=totals.held_back,
            )
        return totals

    async def _pages(self, progress: Callable[[ScanTotals], None]) -> tuple[ScanTotals, list[str]]:
        # Most servers list in the order of the keys' bytes, by which pages are compared with the catalog; where one does
        # not, a key that seems to be missing turns up on a later page.
        totals, missing, after = ScanTotals(), dict[str, str](), ""
        async for page in self._store.list(self._prefix):
            if not page:
                continue
            until = max(after, *(stored.key for stored in page))
            result = await self._catalog.objects.reconcile(page, after=after, until=until)
            await self._catalog.jobs.enqueue_keys(result.new + result.changed)
            missing |= result.missing
            for stored in page:
                missing.pop(stored.key, None)
            totals = ScanTotals(
                totals.listed + len(page), totals.found + len(result.new), totals.changed + len(result.changed)
            )
            after = until
            progress(totals)
        missing |= (await self._catalog.objects.reconcile([], after=after, until=None)).missing
        return totals, list(missing.values())
