"""What the handlers of the tile service work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from wsi_streamer.access.caller import Caller, CallerKind
from wsi_streamer.access.permissions import Permission
from wsi_streamer.access.policy import AccessPolicy
from wsi_streamer.access.query import parse_query
from wsi_streamer.access.scope import Scope
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.slides import TileAt
from wsi_streamer.objectstore.errors import ObjectChanged, ObjectNotFound
from wsi_streamer.slides.errors import Forbidden, SlideChanged
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

V = TypeVar("V")

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request whose right to ask was checked."""

    ref: str
    """The slide it names: key or opaque id, decoded."""

    params: Mapping[str, str]
    expires: int | None
    """When the right ends, in unix seconds; None while access is open."""

    caller: Caller


@dataclass(frozen=True, slots=True)
class TileContext:
    """One for each process, handed to every route."""

    access: AccessPolicy
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
    exposed: frozenset[Permission] = frozenset()
    """What all who may see a slide may do with it besides."""

    def admit(self, raw_path: bytes, query: bytes) -> Admitted:
        """Check a request that is not about one slide.

        Raises:
            InvalidRequest: a parameter twice, or not readable.
            WsiError: 400 or 401, as the signature is.
        """
        params = parse_query(query)
        expires = self.access.check_signed(raw_path.decode("latin-1"), params, self.now())
        return Admitted("", params, expires, self._caller(params))

    async def admit_to_slide(
        self, raw_path: bytes, query: bytes, segment: bytes, need: Permission = Permission.TILES
    ) -> Admitted:
        """Check a request about the slide that the raw path segment names. Comes before any cache.

        Raises:
            NotFound: not a name a slide can have.
            InvalidRequest: a parameter twice, or not readable.
            WsiError: 400 or 401, as the signature or viewer token is.
            Forbidden: the caller may not do what ``need`` says.
        """
        ref = decode_ref(segment)
        params = parse_query(query) if query else {}
        expires = None
        if not self.access.is_open():
            key = await self.registry.key_of(ref) if self.access.needs_slide_key(params) else None
            expires = self.access.check_slide(raw_path.decode("latin-1"), params, key, self.now())
        caller = self._caller(params)
        if not caller.may(need):
            raise Forbidden("You are not allowed to see this.")
        return Admitted(ref, params, expires, caller)

    def _caller(self, params: Mapping[str, str]) -> Caller:
        kind: CallerKind = "anyone" if self.access.is_open() else "viewer-token" if "vt" in params else "link"
        return Caller(kind, kind, self.exposed | {Permission.TILES}, Scope.all())

    async def with_slide(
        self, ref: str, work: Callable[[Slide], Awaitable[V]], at: TileAt | None = None
    ) -> tuple[Slide, V]:
        """Work on the current version of a slide. Where S3 says that its object was replaced, the work starts over
        with the new version: an answer never mixes two.

        Raises:
            SlideChanged: the new version is not indexed yet, or the object is replaced again and again.
        """
        slide = await self.registry.get(ref, at)
        for _ in range(_ATTEMPTS):
            try:
                return slide, await work(slide)
            except (ObjectChanged, ObjectNotFound):
                slide = await self.registry.renewed(slide)
        raise SlideChanged("The slide is being replaced; try again in a moment.")
