"""What each kind of job is."""

from __future__ import annotations

import time

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import REINDEX, Job
from wsi_streamer.catalog.scans import ScanTotals
from wsi_streamer.indexer.overview import OverviewMaker
from wsi_streamer.indexer.scanner import Scanner
from wsi_streamer.indexer.slide_indexer import SlideIndexer
from wsi_streamer.objectstore.errors import ObjectChanged, ObjectNotFound

TELL_SECONDS = 3.0

_log = structlog.get_logger("wsi_streamer.indexer")


class JobWork:
    """Does one job and names its outcome."""

    def __init__(self, catalog: Catalog, scanner: Scanner, slides: SlideIndexer, overviews: OverviewMaker) -> None:
        self._catalog = catalog
        self._scanner = scanner
        self._slides = slides
        self._overviews = overviews

    async def do(self, job: Job) -> str:
        """The outcome.

        Raises:
            WsiError: storage or catalog failed.
        """
        if job.kind == "index":
            return await self._slides.index(job)
        if job.kind == "overview":
            try:
                return await self._overviews.make(job.key or "")
            except (ObjectChanged, ObjectNotFound):
                return "absent"
        if job.kind == "scan":
            return await self._scan(force=job.force)
        return await self._reindex(job)

    async def give_up(self, job: Job, reason: str) -> None:
        """What there is to tell when a job is not done in the end."""
        await self._slides.give_up(job, reason)

    async def put_off(self, job: Job, reason: str) -> None:
        """The same where it was the store's or the catalog's fault, which passes."""
        await self._slides.put_off(job, reason)

    async def _scan(self, *, force: bool) -> str:
        _log.info("scan begins")
        totals = await self._scanner.scan(force=force, progress=ScanProgress().tell)
        _log.info(
            "scan done", objects=totals.listed, new=totals.found, changed=totals.changed, vanished=totals.vanished
        )
        return "scanned"

    async def _reindex(self, job: Job) -> str:
        """Queue what was asked for, behind a scan where it was everything."""
        keys, prefix = job.params.get("keys"), job.params.get("prefix")
        if keys is not None:
            await self._catalog.jobs.enqueue_keys(keys, priority=REINDEX, force=job.force, parent_id=job.id)
            return "queued"
        if prefix is None:
            await self._scan(force=job.force)
        await self._catalog.jobs.enqueue_slides(prefix or "", force=job.force, parent_id=job.id)
        return "queued"


class ScanProgress:
    """A line each few seconds of a long scan."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def tell(self, totals: ScanTotals) -> None:
        """Called after each page."""
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            _log.info("scanning", objects=totals.listed, new=totals.found, changed=totals.changed)
