"""One slide: HEAD, parse, store."""

from __future__ import annotations

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import OVERVIEW, Job
from wsi_streamer.catalog.objects import is_archived
from wsi_streamer.catalog.store import version_hash
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.sandbox import ParserPool
from wsi_streamer.indexer.overview import needs_overview
from wsi_streamer.objectstore.errors import ObjectChanged, ObjectNotFound
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import SlideChanged, WsiError
from wsi_streamer.slides.slide import SlideStatus, StoredObject

ATTEMPTS = 3
"""Times an object may be replaced while it is read before the job is put off."""

_log = structlog.get_logger("wsi_streamer.indexer")


class SlideIndexer:
    """Works out where a slide's tiles stand, once for each version of its object."""

    def __init__(self, catalog: Catalog, store: ObjectStore, parsers: ParserPool) -> None:
        self._catalog = catalog
        self._store = store
        self._parsers = parsers

    async def index(self, job: Job) -> str:
        """Index the object of a job's key; returns the outcome.

        ``absent`` (no such object), ``archived``, ``unchanged``, ``indexed``, ``unsupported`` or ``failed``.

        Raises:
            SlideChanged: the object is replaced again and again.
            StorageError, StorageUnreachable, CatalogUnavailable: to be tried again.
        """
        key = job.key or ""
        for _ in range(ATTEMPTS):
            try:
                stored = await self._store.head(key)
            except ObjectNotFound:
                await self._catalog.objects.forget(key)
                return "absent"
            slide_id = await self._catalog.objects.observe(stored)
            if is_archived(stored):
                return "archived"
            if not job.force and await self._is_current(slide_id, stored):
                return "unchanged"
            try:
                return await self._parse_and_store(slide_id, stored)
            except (ObjectChanged, ObjectNotFound):
                continue
        raise SlideChanged("The object is being replaced again and again.")

    async def _is_current(self, slide_id: str, stored: StoredObject) -> bool:
        opened = await self._catalog.slides.open(slide_id)
        return (
            opened is not None
            and opened.slide is not None
            and opened.row.status is SlideStatus.INDEXED
            and opened.slide.version == version_hash([stored.etag])
        )

    async def _parse_and_store(self, slide_id: str, stored: StoredObject) -> str:
        async def fetch(offset: int, length: int) -> bytes:
            return await self._store.get_range(stored.key, offset, length, etag=stored.etag)

        try:
            parsed = await self._parsers.parse(stored.size, fetch)
        except Unsupported as error:
            await self._catalog.store.refused(slide_id, stored, SlideStatus.UNSUPPORTED, error.reason)
            _log.info("slide can't be served", slide=slide_id, status="unsupported")
            return "unsupported"
        except Broken as error:
            await self._catalog.store.refused(slide_id, stored, SlideStatus.FAILED, error.reason)
            _log.info("slide can't be served", slide=slide_id, status="failed")
            return "failed"
        await self._catalog.store.indexed(slide_id, stored, parsed)
        if needs_overview(parsed.levels):
            await self._catalog.jobs.enqueue("overview", key=stored.key, priority=OVERVIEW)
        return "indexed"


def is_worth_retrying(error: WsiError) -> bool:
    """Whether the fault may pass: storage and catalog, not the file."""
    return error.status >= 500 or isinstance(error, SlideChanged)
