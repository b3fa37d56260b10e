"""Hearing of changes in the catalog: at once by NOTIFY, and by polling, since a NOTIFY is only a hint."""

from __future__ import annotations

import asyncio
import contextlib
import random

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.notifications import SLIDES_CHANNEL, Listener
from wsi_streamer.slides.errors import CatalogUnavailable
from wsi_streamer.tiles.slide_registry import SlideRegistry

POLL_SECONDS = 5.0

_log = structlog.get_logger("wsi_streamer.tiles")


class Invalidation:
    """Drops slides from a registry when they change."""

    def __init__(self, catalog: Catalog, registry: SlideRegistry, listener: Listener) -> None:
        self._catalog = catalog
        self._registry = registry
        self._unsubscribe = listener.subscribe(SLIDES_CHANNEL, self._on_notify)
        self._task = asyncio.create_task(self._poll())

    def _on_notify(self, payload: str) -> None:
        source, _, slide_id = payload.partition(":")
        if not payload or source == str(self._catalog.source_id):
            self._registry.forget(slide_id)

    async def _poll(self) -> None:
        cursor: str | None = None
        while True:
            try:
                cursor, changed = await self._catalog.slides.changes(cursor)
                for slide_id in changed:
                    self._registry.forget(slide_id)
            except CatalogUnavailable:
                # Open slides go on being served; what changed meanwhile is told by the next poll that gets through.
                _log.warning("catalog unavailable: changes of slides are not seen until it is back")
            await asyncio.sleep(POLL_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the workers' polls

    async def aclose(self) -> None:
        """Stop."""
        self._unsubscribe()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
