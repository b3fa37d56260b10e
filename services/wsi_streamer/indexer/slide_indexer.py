"""One slide: HEAD, parse, store."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import Job
from wsi_streamer.catalog.objects import is_archived
from wsi_streamer.catalog.store import version_hash
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.sandbox import ParserPool
from wsi_streamer.indexer.overview import needs_overview
from wsi_streamer.objectstore.errors import ObjectChanged, ObjectNotFound
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.slides.errors import (
    Busy,
    CatalogUnavailable,
    SlideChanged,
    StorageError,
    StorageUnreachable,
    WsiError,
)
from wsi_streamer.slides.keys import is_slide_key
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide, SlideStatus, StoredObject

ATTEMPTS = 3
"""Times an object may be replaced while it is read before the job is put off."""

_log = structlog.get_logger("wsi_streamer.indexer")


class SlideIndexer:
    """Works out where a slide's tiles stand, once for each version of its object."""

    def __init__(self, catalog: Catalog, store: ObjectStore, parsers: ParserPool, *, prefix: str) -> None:
        self._catalog = catalog
        self._prefix = prefix
        self._store = store
        self._parsers = parsers

    async def index(self, job: Job) -> str:
        """Index the object of a job's key; returns the outcome.

        ``absent`` (no such object under the source's prefix), ``archived``, ``unchanged``, ``indexed``, ``unsupported`` or ``failed``.

        Raises:
            SlideChanged: the object is replaced again and again.
            StorageError, StorageUnreachable, CatalogUnavailable: to be tried again.
        """
        key = job.key or ""
        if not is_slide_key(key):
            return "absent"  # other objects of the bucket are nobody's business
        if not key.startswith(self._prefix):
            return "absent"
        for _ in range(ATTEMPTS):
            try:
                stored = await self._store.head(key)
            except ObjectNotFound:
                return "absent"  # it leaves the list once two scans have missed it
            slide_id = await self._catalog.objects.observe(stored)
            if is_archived(stored):
                return "archived"
            current = None if job.force else await self._current(slide_id, stored)
            if current is not None:
                await self._queue_overview(key, current.levels, current.overviews)  # a kill may have come between
                return "unchanged"
            try:
                outcome = await self._parse_and_store(slide_id, stored)
            except (ObjectChanged, ObjectNotFound):
                continue
            if outcome is not None:
                return outcome
        raise SlideChanged("The object is being replaced again and again.")

    async def give_up(self, job: Job, reason: str) -> None:
        """Tell why a slide is not served, unless it is as it was."""
        if job.kind == "index" and job.key is not None:
            await self._catalog.store.gave_up(job.key, reason)

    async def put_off(self, job: Job, reason: str) -> None:
        """Tell why a slide still waits: it stays pending, so that the next scan or the next viewer has it tried again. One
        that failed by its own fault stays so."""
        if job.kind == "index" and job.key is not None:
            await self._catalog.store.put_off(job.key, reason)

    async def _current(self, slide_id: str, stored: StoredObject) -> Slide | None:
        """What the catalog holds, where that is of this object and of this release."""
        opened = await self._catalog.slides.open(slide_id)
        if opened is None or opened.slide is None or opened.row.status is not SlideStatus.INDEXED:
            return None
        return opened.slide if opened.slide.version == version_hash([stored.etag]) else None

    async def _queue_overview(self, key: str, levels: Sequence[Level], overviews: Sequence[Level] = ()) -> None:
        if needs_overview(levels, overviews):
            await self._catalog.jobs.enqueue("overview", key=key)

    async def _parse_and_store(self, slide_id: str, stored: StoredObject) -> str | None:
        """The outcome; None where another object has taken this one's place in the catalog."""

        async def fetch(offset: int, length: int) -> bytes:
            return await self._store.get_range(stored.key, offset, length, etag=stored.etag)

        try:
            parsed = await self._parsers.parse(stored.size, fetch)
        except Unsupported as error:
            return await self._refuse(slide_id, stored, SlideStatus.UNSUPPORTED, error.reason)
        except Broken as error:
            return await self._refuse(slide_id, stored, SlideStatus.FAILED, error.reason)
        if await self._catalog.store.indexed(slide_id, stored, parsed) is None:
            return None
        await self._queue_overview(stored.key, parsed.levels)
        return "indexed"

    async def _refuse(self, slide_id: str, stored: StoredObject, status: SlideStatus, reason: str) -> str | None:
        if not await self._catalog.store.refused(slide_id, stored, status, reason):
            return None
        _log.info("slide can't be served", slide=slide_id, status=str(status))
        return str(status)


def is_worth_retrying(error: WsiError) -> bool:
    """Whether the fault may pass: storage and catalog, not the file."""
    return isinstance(error, StorageError | StorageUnreachable | CatalogUnavailable | Busy | SlideChanged)
