"""Both services in the test's own event loop, on a real bucket and a real Postgres, behind a real HTTP server."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.parts import open_parts
from wsi_streamer.access.access import Access
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.indexer.service import Indexer
from wsi_streamer.settings import Settings
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.service import TileService
from wsi_streamer.web.server import bind, serve


@dataclass(frozen=True, slots=True)
class Running:
    """Services that answer."""

    url: str
    http: httpx.AsyncClient
    catalog: Catalog
    service: TileService
    metrics: Metrics
    access: Access


@contextlib.asynccontextmanager
async def running(
    database_url: str,
    bucket: str,
    endpoint: str,
    *,
    indexer: bool = True,
    port: int = 0,
    now: Callable[[], float] = time.time,
    **options: Any,
) -> AsyncIterator[Running]:
    """Tile service, and the indexer unless told otherwise, on free ports or on this one; rights end by ``now``."""
    options = {"scan_interval": 0, "s3_timeout": 10} | options
    settings = Settings(s3_bucket=bucket, s3_endpoint=endpoint, host="127.0.0.1", port=0, **options)
    async with contextlib.AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings, database_url, now))
        if indexer:
            index = await Indexer.start(*parts)
            stack.push_async_callback(index.aclose)
            task = asyncio.create_task(index.run())
            stack.push_async_callback(_cancelled, task)
        service = await TileService.start(*parts)
        stack.push_async_callback(service.aclose)
        stop, started = asyncio.Event(), asyncio.Event()
        sock = bind("127.0.0.1", port)
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        serving = asyncio.create_task(serve([(service.app, sock)], stop=stop, on_started=started.set))
        await started.wait()
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=60))
        try:
            yield Running(
                url,
                http,
                Catalog(parts.database, parts.source_id, parts.listener),
                service,
                parts.metrics,
                parts.access,
            )
        finally:
            await http.aclose()
            stop.set()
            await serving


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def wait_indexed(catalog: Catalog, count: int, seconds: float = 60) -> None:
    """Until ``count`` slides are known and none is pending."""
    async with asyncio.timeout(seconds):
        while True:
            counts = await catalog.listing.counts()
            if sum(counts.values()) >= count and not counts[SlideStatus.PENDING] and not await catalog.jobs.backlog():
                return
            await asyncio.sleep(0.1)
