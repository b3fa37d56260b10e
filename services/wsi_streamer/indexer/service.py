"""The indexer service: puts its parts together, and runs them."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.jobs import CONTROL
from wsi_streamer.catalog.notifications import Listener
from wsi_streamer.formats.sandbox import ParserPool
from wsi_streamer.indexer.admin_api import AdminApi
from wsi_streamer.indexer.admin_auth import AdminAuth
from wsi_streamer.indexer.job_runner import JobRunner
from wsi_streamer.indexer.job_work import JobWork
from wsi_streamer.indexer.overview import OverviewMaker
from wsi_streamer.indexer.scanner import Scanner
from wsi_streamer.indexer.slide_indexer import SlideIndexer
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.settings import Settings
from wsi_streamer.slides.errors import CatalogUnavailable
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.telemetry.metrics import Metrics

REPORT_SECONDS = 3.0

_log = structlog.get_logger("wsi_streamer.indexer")


@dataclass(frozen=True, slots=True)
class Indexer:
    """A running indexer."""

    _settings: Settings
    _catalog: Catalog
    _parsers: ParserPool
    _runner: JobRunner
    _api: AdminApi
    _metrics: Metrics

    @classmethod
    async def start(
        cls,
        settings: Settings,
        database: Database,
        source_id: int,
        listener: Listener,
        store: ObjectStore,
        metrics: Metrics,
    ) -> Indexer:
        """Wire it up and start the first parser process.

        Raises:
            RuntimeError: a parser process can't be started.
        """
        catalog = Catalog(database, source_id, listener)
        parsers = await ParserPool.start(
            settings.index_concurrency + 1, memory_bytes=settings.parse_memory, seconds=settings.parse_seconds
        )
        work = JobWork(
            catalog,
            Scanner(catalog, store, metrics, prefix=settings.s3_prefix),
            SlideIndexer(catalog, store, parsers),
            OverviewMaker(catalog, store),
        )
        runner = JobRunner(catalog, listener, work, metrics, concurrency=settings.index_concurrency)
        auth = AdminAuth(settings.admin_token, settings.events_token)
        api = AdminApi(catalog, auth, bucket=settings.s3_bucket, prefix=settings.s3_prefix)
        return cls(settings, catalog, parsers, runner, api, metrics)

    def admin_handlers(self) -> list[Any]:
        """Litestar handlers for the admin port."""
        return self._api.handlers()

    async def run(self) -> None:
        """Scan and index until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._runner.run())
            group.create_task(self._schedule())
            group.create_task(self._report())

    async def aclose(self) -> None:
        """End the parser processes."""
        await self._parsers.aclose()

    async def _schedule(self) -> None:
        """A scan at the start, and one each interval; a scan that is queued already is not queued twice."""
        while True:
            try:
                await self._catalog.jobs.enqueue("scan", priority=CONTROL)
            except CatalogUnavailable as error:
                _log.warning("no scan could be queued", reason=error.message)
                await asyncio.sleep(REPORT_SECONDS)
                continue
            if self._settings.scan_interval == 0:
                return
            await asyncio.sleep(self._settings.scan_interval * random.uniform(0.9, 1.1))  # noqa: S311 - jitter

    async def _report(self) -> None:
        """Gauges, and a line while there is work."""
        before = 0
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            try:
                counts, backlog = await self._catalog.listing.counts(), await self._catalog.jobs.backlog()
            except CatalogUnavailable:
                continue
            self._metrics.index_backlog.set(backlog)
            for status, count in counts.items():
                self._metrics.slides.labels(str(status)).set(count)
            refused = counts[SlideStatus.FAILED] + counts[SlideStatus.UNSUPPORTED]
            if backlog:
                _log.info("indexing", indexed=counts[SlideStatus.INDEXED], refused=refused, waiting=backlog)
            elif before:
                _log.info("all slides indexed", indexed=counts[SlideStatus.INDEXED], refused=refused)
            before = backlog
