"""What the handlers of the tile service work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from wsi_streamer.access.asked import Asked
from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.audit.viewing import Viewing
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.client_address import TrustedProxies
from wsi_streamer.access.gate import Gate
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.access.permissions import Permission
from wsi_streamer.access.query import parse_query
from wsi_streamer.access.scope import SlideNames
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.slides import TileAt
from wsi_streamer.objectstore.errors import ObjectChanged, ObjectNotFound
from wsi_streamer.slides.errors import NotSignedIn, SlideChanged, WsiError
from wsi_streamer.slides.ids import is_slide_id
from wsi_streamer.slides.slide import Slide
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.associated_images import AssociatedImages
from wsi_streamer.tiles.cache_control import CachePolicy
from wsi_streamer.tiles.downloads import Downloads
from wsi_streamer.tiles.parameters import decode_ref
from wsi_streamer.tiles.prefetcher import Prefetcher
from wsi_streamer.tiles.slide_registry import SlideRegistry
from wsi_streamer.tiles.thumbnails import Thumbnails
from wsi_streamer.tiles.tile_maker import TileMaker
from wsi_streamer.web.denials import Denials

V = TypeVar("V")

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request whose right to ask was checked."""

    asked: Asked
    caller: Caller
    params: Mapping[str, str]
    ref: str = ""
    """The slide it names: key or opaque id, decoded."""


@dataclass(frozen=True, slots=True)
class TileContext:
    """One for each process, handed to every route."""

    gate: Gate
    proxies: TrustedProxies
    audit: Audit
    denials: Denials
    catalog: Catalog
    registry: SlideRegistry
    maker: TileMaker
    prefetcher: Prefetcher
    thumbnails: Thumbnails
    associated: AssociatedImages
    downloads: Downloads
    caching: CachePolicy
    metrics: Metrics
    now: Callable[[], float]

    def asked(self, scope: Mapping[str, Any], raw_path: bytes | None = None, query: bytes | None = None) -> Asked:
        """What a request shows; path and query of another one, where a proxy asks about it."""
        return Asked.of(scope, self.proxies, raw_path, query)

    async def admit(self, asked: Asked, *, page: bool = False) -> Admitted:
        """Check a request that is not about one slide. ``page``: people get a page, and are led to sign in.

        Raises:
            InvalidRequest: a parameter twice, or not readable.
            WsiError: 400, 401, 403 or 429, as its credentials are.
        """
        try:
            params = parse_query(asked.query)
            return Admitted(asked, await self.gate.caller(asked, params), params)
        except WsiError as error:
            raise self._denied(error, asked, None, page=page) from None

    async def admit_to_slide(
        self,
        asked: Asked,
        segment: bytes,
        need: Permission = Permission.TILES,
        *,
        page: bool = False,
    ) -> Admitted:
        """Check a request about the slide that the raw path segment names. Comes before any cache.

        Raises:
            NotFound: not a name a slide can have.
            InvalidRequest: a parameter twice, or not readable.
            WsiError: 400, 401, 403 or 429, as its credentials are.
        """
        ref = decode_ref(segment)
        try:
            params = parse_query(asked.query) if asked.query else {}

            async def names() -> SlideNames:
                return await self.registry.names_of(ref, with_id=False)

            by_key = not is_slide_id(ref)
            caller = await self.gate.slide_caller(asked, params, names, need, page=page, by_key=by_key)
        except WsiError as error:
            raise self._denied(error, asked, ref, page=page) from None
        return Admitted(asked, caller, params, ref)

    def denied(self, error: WsiError, admitted: Admitted) -> WsiError:
        """The error to answer with where a caller lacks something that is found out only after it was admitted."""
        return self._denied(error, admitted.asked, admitted.ref, page=False)

    def _denied(self, error: WsiError, asked: Asked, ref: str | None, *, page: bool) -> WsiError:
        if page and isinstance(error, NotSignedIn):  # the way to sign in, and no refusal
            return error
        slide = None if ref is None else self.registry.cached(ref)  # for the record, as far as it costs nothing
        slide_id = slide.id if slide is not None else ref if ref is not None and is_slide_id(ref) else None
        key = ref if ref is not None and not is_slide_id(ref) else None
        return self.denials.of(error, asked, slide_id, asked.raw_path.split(b"/")[1].decode("latin-1")[:20], key)

    async def begin_view(self, admitted: Admitted, slide: Slide) -> Viewing:
        """The session in which a caller sees a slide; a new one is on record before this returns.

        Raises:
            AuditUnavailable: it can't be recorded.
        """
        return await self.audit.begin_view(admitted.caller, slide.id, slide.key, admitted.asked.address)

    async def record_list(self, admitted: Admitted, **asked: str) -> None:
        """Put on record that a caller is to see names of slides, and what it has looked for by name.

        Raises:
            AuditUnavailable: it can't be recorded.
        """
        if self.gate.is_open() or not may_know_keys(admitted.caller):
            return
        detail = {name: value for name, value in asked.items() if value}
        await self.audit.act("list", admitted.caller, admitted.asked.address, detail=detail or None)

    async def record_view(self, admitted: Admitted, what: str) -> None:
        """Put on record that a caller sees a slide from somewhere else than here. One that is not in the catalog can't be
        kept anywhere either.

        Raises:
            AuditUnavailable: a new session can't be recorded.
            CatalogUnavailable: what the slide is can't be found out.
        """
        if self.gate.is_open():
            return
        names = await self.registry.names_of(admitted.ref, with_id=True)
        if names.id is not None and names.key is not None:
            viewing = await self.audit.begin_view(admitted.caller, names.id, names.key, admitted.asked.address)
            viewing.picture(what, self.now())

    async def with_slide(
        self, admitted: Admitted, work: Callable[[Slide], Awaitable[V]], at: TileAt | None = None
    ) -> tuple[Slide, Viewing, V]:
        """Work on the current version of a slide for a caller, whose viewing session is on record before the work begins.
        Where S3 says that its object was replaced, the work starts over with the new version: an answer never mixes two.

        Raises:
            SlideChanged: the new version is not indexed yet, or the object is replaced again and again.
            AuditUnavailable: a new session can't be recorded.
        """
        slide = await self.registry.get(admitted.ref, at)
        viewing = await self.begin_view(admitted, slide)
        for _ in range(_ATTEMPTS):
            try:
                return slide, viewing, await work(slide)
            except (ObjectChanged, ObjectNotFound):
                slide = await self.registry.renewed(slide)
        raise SlideChanged("The slide is being replaced; try again in a moment.")
