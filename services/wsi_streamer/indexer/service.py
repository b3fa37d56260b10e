"""The indexer service: puts its parts together, and runs them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from wsi_streamer.access.access import Access
from wsi_streamer.access.permissions import Role
from wsi_streamer.catalog.audit_reads import AuditReads
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.notifications import Listener
from wsi_streamer.formats.sandbox import ParserPool
from wsi_streamer.indexer.admin_api import AdminApi
from wsi_streamer.indexer.admin_auth import AdminAuth
from wsi_streamer.indexer.admin_desk import AdminDesk
from wsi_streamer.indexer.job_runner import JobRunner
from wsi_streamer.indexer.job_work import JobWork
from wsi_streamer.indexer.overview import OverviewMaker
from wsi_streamer.indexer.reporter import Reporter
from wsi_streamer.indexer.scan_schedule import ScanSchedule
from wsi_streamer.indexer.scan_times import ScanTimes
from wsi_streamer.indexer.scanner import Scanner
from wsi_streamer.indexer.slide_indexer import SlideIndexer
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.settings import Settings
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.web.audit_handlers import audit_handler
from wsi_streamer.web.denials import Denials
from wsi_streamer.web.failures import Failures
from wsi_streamer.web.grant_handlers import grant_handlers


@dataclass(frozen=True, slots=True)
class Indexer:
    """A running indexer."""

    _catalog: Catalog
    _parsers: ParserPool
    _runner: JobRunner
    _schedule: ScanSchedule
    _desk: AdminDesk
    _handlers: list[Any]
    _metrics: Metrics

    @staticmethod
    def check(settings: Settings) -> None:
        """What only the indexer can tell of its settings.

        Raises:
            InvalidSettings: the times of scans can't be right.
        """
        _scan_times(settings)

    @classmethod
    async def start(
        cls,
        settings: Settings,
        database: Database,
        source_id: int,
        listener: Listener,
        store: ObjectStore,
        metrics: Metrics,
        access: Access,
    ) -> Indexer:
        """Wire it up and start the first parser process.

        Raises:
            RuntimeError: a parser process can't be started.
            InvalidSettings: as `check`.
        """
        catalog = Catalog(database, source_id, listener)
        schedule = ScanSchedule(catalog, settings.scan_interval, _scan_times(settings))
        parsers = await ParserPool.start(
            settings.index_concurrency + 1, memory_bytes=settings.parse_memory, seconds=settings.parse_seconds
        )
        work = JobWork(
            catalog,
            Scanner(catalog, store, metrics, prefix=settings.s3_prefix, grace=settings.deletion_grace_scans),
            SlideIndexer(catalog, store, parsers, prefix=settings.s3_prefix),
            OverviewMaker(catalog, store),
        )
        runner = JobRunner(catalog, listener, work, metrics, concurrency=settings.index_concurrency)
        auth = AdminAuth(
            settings.admin_token,
            settings.auditor_token,
            settings.events_token,
            None if access.identities is None else access.identities.caller,
        )
        denials = Denials(access.audit, Failures(time.monotonic, burst=settings.failure_burst))
        desk = AdminDesk(auth, access.audit, denials, access.config.proxies)
        api = AdminApi(catalog, desk, bucket=settings.s3_bucket, prefix=settings.s3_prefix)
        audit = audit_handler(
            AuditReads(database),
            access.audit,
            source_id,
            guards=[desk.needs(Role.AUDITOR)],
            who_asks=lambda request: (request.state.caller, desk.address(request)),
        )
        grants = grant_handlers(
            access.grants,
            desk.caller,
            access.audit,
            address_of=desk.address,
            public_url=access.config.public_url,
        )
        return cls(catalog, parsers, runner, schedule, desk, [*api.handlers(), *grants, audit], metrics)

    def admin_handlers(self) -> list[Any]:
        """Litestar handlers for the admin port."""
        return self._handlers

    async def run(self) -> None:
        """Scan and index until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._runner.run())
            group.create_task(self._schedule.run())
            group.create_task(Reporter(self._catalog, self._metrics).run())

    async def aclose(self) -> None:
        """End the parser processes, and put the last calls on record."""
        await self._desk.aclose()
        await self._parsers.aclose()


def _scan_times(settings: Settings) -> ScanTimes | None:
    return ScanTimes.of(settings.scan_schedule) if settings.scan_schedule else None
