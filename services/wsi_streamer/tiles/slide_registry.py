"""The slides a worker has open: found in the catalog, indexed on demand, dropped when they change."""

from __future__ import annotations

from wsi_streamer.access.scope import SlideNames
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.jobs import ON_DEMAND, Job
from wsi_streamer.catalog.slides import Opened, TileAt
from wsi_streamer.slides.errors import (
    Busy,
    NotFound,
    SlideChanged,
    StorageUnreachable,
    UnsupportedFormat,
    WsiError,
)
from wsi_streamer.slides.ids import is_slide_id
from wsi_streamer.slides.keys import is_plain_key, is_slide_key
from wsi_streamer.slides.slide import Slide, SlideStatus
from wsi_streamer.tiles.lru import Lru
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.single_flight import SingleFlight

DEMAND_SECONDS = 10.0
"""How long a request waits for its slide to be indexed before it is told to come back."""

MAX_DEMANDS = 64
"""Slides waited for at once: a client that asks for made-up keys can't fill the indexer's queue."""

REFUSAL_SECONDS = 30.0
"""How long "there is no such slide" and "it can't be served" are remembered; a NOTIFY ends it earlier."""

MAX_REFUSALS = 10_000


class SlideRegistry:
    """Finds a slide by key or opaque id.

    A slide that isn't indexed yet is indexed ahead of the queue; "no such slide" is only said once the indexer has
    asked S3.
    """

    def __init__(self, catalog: Catalog, tables: TableCache, *, capacity: int, prefix: str) -> None:
        self._catalog = catalog
        self._tables = tables
        self._prefix = prefix
        self._slides: Lru[str, Slide] = Lru(capacity)
        self._ids: Lru[str, str] = Lru(capacity * 4)
        self._refusals: Lru[str, tuple[type[WsiError], str]] = Lru(MAX_REFUSALS, seconds=REFUSAL_SECONDS)
        self._opening: SingleFlight[tuple[str, str], Slide] = SingleFlight()
        self._demands = 0

    def cached(self, ref: str) -> Slide | None:
        """The slide, where it is open already."""
        return self._slides.get(self._ids.get(ref) or ref)

    def is_current(self, slide_id: str, version_id: int) -> bool:
        """Whether requests for a slide are answered from this version now."""
        slide = self._slides.get(slide_id)
        return slide is not None and slide.version_id == version_id

    async def get(self, ref: str, at: TileAt | None = None) -> Slide:
        """The slide of a key or an opaque id. ``at`` names the tile that is wanted, so that the slice of the tile
        table that holds it comes with the same query.

        Raises:
            NotFound: S3 has no such object.
            UnsupportedFormat: it can't be served; the message says why.
            Busy: it is being indexed, or too many are.
            StorageUnreachable: it can't be indexed because the object store fails.
            CatalogUnavailable: Postgres can't be reached.
        """
        slide = self.cached(ref)
        if slide is not None:
            return slide
        refusal = self._refusals.get(ref)
        if refusal is not None:
            kind, message = refusal
            raise kind(message)
        return await self._opening.run(("open", ref), lambda: self._open(ref, at))

    async def names_of(self, ref: str, *, with_id: bool) -> SlideNames:
        """What a slide goes by, as far as it is known; its id only where that is asked for or costs nothing. Asks nobody to
        index anything, since the caller's right to ask is what is being checked."""
        slide = self.cached(ref)
        if slide is not None:
            return SlideNames(slide.id, slide.key)
        is_id = is_slide_id(ref)
        if not is_id and not with_id:
            return SlideNames(None, ref)
        opened = await self._catalog.slides.open(ref)
        if opened is not None:
            return SlideNames(opened.row.id, opened.row.key)
        return SlideNames(ref, None) if is_id else SlideNames(None, ref)

    async def renewed(self, old: Slide) -> Slide:
        """The version that took the place of ``old``, whose object S3 no longer has.

        Raises:
            SlideChanged: the new version is not indexed yet.
            NotFound: the object is gone.
        """
        current = self.cached(old.id)
        if current is not None and current.version_id != old.version_id:
            return current
        return await self._opening.run(("renew", old.id), lambda: self._renew(old))

    def forget(self, slide_id: str) -> None:
        """A slide changed in the catalog: the next request looks it up anew. The empty id stands for any slide."""
        self._refusals.clear()
        if slide_id:
            self._slides.pop(slide_id)
        else:
            self._slides.clear()

    async def aclose(self) -> None:
        """Stop waiting for anything."""
        await self._opening.aclose()

    async def _open(self, ref: str, at: TileAt | None) -> Slide:
        opened = await self._catalog.slides.open(ref, at)
        if opened is None or (opened.slide is None and opened.row.status is SlideStatus.PENDING):
            try:
                opened = await self._on_demand(ref, opened)
            except NotFound as error:
                self._refuse(ref, error)
                raise
        if opened.slide is None:
            unsupported = UnsupportedFormat(opened.row.error or "This file can't be served.")
            self._refuse(ref, unsupported)
            raise unsupported
        return self._keep(ref, opened, at)

    def _keep(self, ref: str, opened: Opened, at: TileAt | None) -> Slide:
        slide = opened.slide
        if slide is None:
            raise NotFound("No such slide.")
        if opened.table is not None and at is not None:
            self._tables.put(slide, at.level, opened.table)
        self._slides.put(slide.id, slide)
        self._ids.put(ref, slide.id)
        return slide

    async def _on_demand(self, ref: str, opened: Opened | None) -> Opened:
        key = ref if opened is None else opened.row.key
        if opened is None and (is_slide_id(ref) or not is_plain_key(key)):
            raise NotFound("No such slide.")
        # Other objects of the bucket are nobody's business, not even whether they are there.
        if not key.startswith(self._prefix) or len(key.encode()) > 1024 or not is_slide_key(key):
            raise NotFound("No such slide.")
        job = await self._index_now(key)
        found = await self._catalog.slides.open(ref)
        if found is not None and (found.slide is not None or found.row.status is not SlideStatus.PENDING):
            return found
        if job.outcome == "absent":
            raise NotFound("No such slide.")
        if job.error is not None:
            raise StorageUnreachable(job.error, retry_after=5)
        raise Busy("The slide is being indexed; try again in a moment.")

    async def _index_now(self, key: str) -> Job:
        if self._demands >= MAX_DEMANDS:
            raise Busy("Many slides are being indexed at once; try again in a moment.")
        self._demands += 1
        try:
            job = await self._catalog.jobs.enqueue("index", key=key, priority=ON_DEMAND)
            return await self._catalog.jobs.wait(job.id, DEMAND_SECONDS)
        finally:
            self._demands -= 1

    def _refuse(self, ref: str, error: WsiError) -> None:
        """Remember a refusal; not the exception itself, which holds on to all that led to it."""
        self._refusals.put(ref, (type(error), error.message))

    async def _renew(self, old: Slide) -> Slide:
        self.forget(old.id)
        opened = await self._catalog.slides.open(old.id)
        if opened is None or opened.slide is None or opened.slide.version_id == old.version_id:
            job = await self._index_now(old.key)
            opened = await self._catalog.slides.open(old.id)
            if job.outcome == "absent" or opened is None:
                gone = NotFound("The slide is no longer in the bucket.")
                self._refuse(old.id, gone)
                self._refuse(old.key, gone)
                raise gone
        if opened.slide is None:
            raise UnsupportedFormat(opened.row.error or "This file can't be served.")
        if opened.slide.version_id == old.version_id:
            raise SlideChanged("The slide was replaced while it was read, and is being indexed anew; try again.")
        return self._keep(old.id, opened, None)
