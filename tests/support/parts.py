"""What both services are started with, on a test's own bucket and database."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from wsi_streamer.access.access import opened_access
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.notifications import Listener
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.cli.runtime import Parts
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.settings import Settings
from wsi_streamer.telemetry.metrics import Metrics


@contextlib.asynccontextmanager
async def open_parts(
    settings: Settings, database_url: str, now: Callable[[], float] = time.time
) -> AsyncIterator[Parts]:
    """Open, and closed again at the end; rights end by ``now``."""
    async with contextlib.AsyncExitStack() as stack:
        if settings.audit_spool is None:  # none that other tests share
            spool = stack.enter_context(tempfile.TemporaryDirectory(prefix="wsi-audit-"))
            settings = dataclasses.replace(settings, audit_spool=Path(spool))
        database = await Database.connect(database_url)
        stack.push_async_callback(database.aclose)
        source = await ensure_source(database, settings.s3_endpoint, settings.s3_bucket, settings.s3_prefix)
        listener = await Listener.start(database_url)
        stack.push_async_callback(listener.aclose)
        metrics = Metrics()
        store = await ObjectStore.open(settings.store_config(), metrics)
        stack.push_async_callback(store.aclose)
        access = await stack.enter_async_context(
            opened_access(
                settings.access_config(),
                settings.audit_config(),
                database,
                source,
                listener,
                metrics,
                service="test",
                now=now,
            )
        )
        yield Parts(settings, database, source, listener, store, metrics, access)
