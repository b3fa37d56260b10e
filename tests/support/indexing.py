"""Indexers in the test's own event loop, on a real bucket and a real Postgres, with their admin API."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
from litestar import Litestar

from tests.support.parts import open_parts
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import Job
from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.indexer.service import Indexer
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.settings import Settings
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.web.errors import EXCEPTION_HANDLERS


@dataclass(frozen=True, slots=True)
class Indexing:
    """An indexer at work."""

    catalog: Catalog
    admin: httpx.AsyncClient
    metrics: Metrics
    store: ObjectStore

    async def idle(self, slides: int = 0, seconds: float = 60) -> dict[str, SlideRow]:
        """All slides by key, once there are ``slides`` and nothing is left to do."""
        async with asyncio.timeout(seconds):
            while True:
                counts = await self.catalog.listing.counts()
                scan = await self.catalog.scans.last()
                scanned = scan is not None and scan.finished_at is not None
                pending = counts[SlideStatus.PENDING]
                if scanned and sum(counts.values()) >= slides and not pending and not await self.catalog.jobs.backlog():
                    return await self.rows()
                await asyncio.sleep(0.05)

    async def rows(self) -> dict[str, SlideRow]:
        """All slides by key."""
        return {row.key: row for row in (await self.catalog.listing.page(limit=10_000)).rows}

    async def scan(self, *, force: bool = False, seconds: float = 60) -> Job:
        """A scan, to its end and that of all it queued."""
        job = await self.catalog.jobs.enqueue("scan", force=force)
        done = await self.catalog.jobs.wait(job.id, seconds)
        await self.idle(seconds=seconds)
        return done

    def counted(self, outcome: str) -> float:
        """Index jobs with this outcome, by the indexer's metrics."""
        value: float = self.metrics.index_jobs.labels(outcome)._value.get()
        return value


@contextlib.asynccontextmanager
async def indexing(database_url: str, bucket: str, endpoint: str, **options: Any) -> AsyncIterator[Indexing]:
    """An indexer with settings ``options``; it scans once at the start and then on request."""
    settings = Settings(s3_bucket=bucket, s3_endpoint=endpoint, **({"scan_interval": 0, "s3_timeout": 5} | options))
    async with contextlib.AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings, database_url))
        indexer = await Indexer.start(*parts)
        stack.push_async_callback(indexer.aclose)
        app = Litestar(indexer.admin_handlers(), exception_handlers=EXCEPTION_HANDLERS, logging_config=None)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
        admin = await stack.enter_async_context(client)
        task = asyncio.create_task(indexer.run())
        try:
            yield Indexing(Catalog(parts.database, parts.source_id, parts.listener), admin, parts.metrics, parts.store)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
