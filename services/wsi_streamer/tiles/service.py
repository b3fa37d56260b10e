"""The tile service: puts its parts together, and takes them apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from litestar import Litestar, get
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException

from wsi_streamer.access.access import Access
from wsi_streamer.access.caller import Caller
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.notifications import Listener
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.settings import Settings
from wsi_streamer.slides.errors import CatalogUnavailable
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.access_route import AccessRoute
from wsi_streamer.tiles.app import TileApp
from wsi_streamer.tiles.associated_handlers import associated_handlers
from wsi_streamer.tiles.associated_images import AssociatedImages
from wsi_streamer.tiles.cache_control import CachePolicy
from wsi_streamer.tiles.composer import Composer
from wsi_streamer.tiles.context import TileContext
from wsi_streamer.tiles.cors import CorsPolicy
from wsi_streamer.tiles.deep_zoom_handlers import deep_zoom_handlers
from wsi_streamer.tiles.download_handlers import download_handlers
from wsi_streamer.tiles.downloads import Downloads
from wsi_streamer.tiles.embed_route import embed_handler
from wsi_streamer.tiles.invalidation import Invalidation
from wsi_streamer.tiles.list_handlers import list_handlers
from wsi_streamer.tiles.no_page import no_page
from wsi_streamer.tiles.openapi import describe
from wsi_streamer.tiles.page_handlers import page_handlers
from wsi_streamer.tiles.passes import Passes
from wsi_streamer.tiles.prefetch_handlers import prefetch_handlers
from wsi_streamer.tiles.prefetcher import Prefetcher
from wsi_streamer.tiles.reading.flights import Flights
from wsi_streamer.tiles.reading.table_cache import TableCache
from wsi_streamer.tiles.reading.tile_fetcher import TileFetcher
from wsi_streamer.tiles.reading.tile_reader import TileReader
from wsi_streamer.tiles.sign_in_deps import SignInDeps
from wsi_streamer.tiles.sign_in_handlers import sign_in_handlers
from wsi_streamer.tiles.slide_handlers import slide_handlers
from wsi_streamer.tiles.slide_registry import SlideRegistry
from wsi_streamer.tiles.thumbnail_handlers import thumbnail_handlers
from wsi_streamer.tiles.thumbnails import Thumbnails
from wsi_streamer.tiles.tile_cache import TileCache
from wsi_streamer.tiles.tile_maker import TileMaker
from wsi_streamer.tiles.tile_route import TileRoute
from wsi_streamer.tiles.transcoder import Transcoder
from wsi_streamer.web.denials import Denials
from wsi_streamer.web.errors import EXCEPTION_HANDLERS
from wsi_streamer.web.failures import Failures
from wsi_streamer.web.grant_handlers import grant_handlers
from wsi_streamer.web.management import Health, health
from wsi_streamer.web.openapi import openapi_config
from wsi_streamer.web.static_files import StaticFiles
from wsi_streamer.web.static_route import static_handler

_log = structlog.get_logger("wsi_streamer.tiles")


@get("/health", summary="Alive", tags=["health"], sync_to_thread=False)
def health_route() -> Health:
    """Always public."""
    return health()


@dataclass(frozen=True, slots=True)
class TileService:
    """A running tile service; `app` is what uvicorn serves on the public port."""

    app: TileApp
    context: TileContext
    _database: Database
    _tables: TableCache
    _fetcher: TileFetcher
    _transcoder: Transcoder
    _invalidation: Invalidation
    _unsubscribe: Callable[[], None]

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
    ) -> TileService:
        """Wire it up. Nothing is read from S3, and the catalog only once a slide is asked for."""
        catalog = Catalog(database, source_id, listener)
        tables = TableCache(catalog)
        registry = SlideRegistry(catalog, tables, capacity=settings.cache_slides, prefix=settings.s3_prefix)
        cache = TileCache(settings.cache_tiles)
        fetcher = TileFetcher(
            Flights(store, cache, block_size=settings.block_size),
            tables,
            cache,
            metrics,
            block_size=settings.block_size,
            default_quality=settings.jpeg_quality,
        )
        reader = TileReader(store, catalog, tables, fetcher, block_size=settings.block_size)
        composer = Composer(reader)
        transcoder = Transcoder(settings.transcode_threads, metrics)
        maker = TileMaker(reader, composer, transcoder, cache, metrics, default_quality=settings.jpeg_quality)
        context = TileContext(
            gate=access.gate,
            proxies=access.config.proxies,
            audit=access.audit,
            denials=Denials(access.audit, Failures(time.monotonic, burst=settings.failure_burst)),
            catalog=catalog,
            registry=registry,
            maker=maker,
            prefetcher=Prefetcher(registry, fetcher),
            thumbnails=Thumbnails(maker, composer, transcoder),
            downloads=Downloads(store),
            associated=AssociatedImages(catalog.slides, reader, maker, transcoder),
            caching=CachePolicy.of(
                open_access=access.gate.is_open(), max_age=settings.cache_max_age, edge=settings.edge_cache
            ),
            metrics=metrics,
            now=time.time,
        )
        cors = CorsPolicy.of(settings.cors_origins, open_access=access.gate.is_open())
        passes = Passes()
        app = TileApp(
            TileRoute(context, cors, passes),
            _litestar(context, access),
            cors,
            metrics,
            open_access=access.gate.is_open(),
            edge=AccessRoute(context) if settings.edge_cache else None,
        )
        return cls(
            app,
            context,
            database,
            tables,
            fetcher,
            transcoder,
            Invalidation(catalog, registry, listener),
            access.on_revoked(passes.forget),
        )

    async def ready(self) -> bool:
        """Whether a catalog query ever succeeded. It stays so while Postgres is down: what is open is still served."""
        if self._database.was_reached:
            return True  # at once: a probe does not wait while Postgres hangs
        try:
            await self._database.ping()
        except CatalogUnavailable:
            return False
        return True

    async def aclose(self) -> None:
        """Stop what is under way; the servers in front have finished their requests by now."""
        self._unsubscribe()
        await self._invalidation.aclose()
        await self.context.maker.aclose()
        await self.context.prefetcher.aclose()
        await self._fetcher.aclose()
        await self.context.registry.aclose()
        await self._tables.aclose()
        self._transcoder.close()


def _grant_handlers(context: TileContext, access: Access) -> list[Any]:
    """For identities that may hand out what they may see. Administrators have the same routes on the admin port."""

    async def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        return (await context.admit(context.asked(connection.scope))).caller

    return grant_handlers(
        access.grants,
        caller_of,
        access.audit,
        address_of=lambda connection: context.asked(connection.scope).address,
        public_url=access.config.public_url,
        now=context.now,
    )


def _litestar(context: TileContext, access: Access) -> Litestar:
    static = StaticFiles.load()
    sign_in = SignInDeps(
        keys=access.config.keys,
        public_url=access.config.public_url,
        session_seconds=access.config.session_seconds,
        now=context.now,
        static=static,
        address_of=lambda request: context.asked(request.scope).address,
        renewed_grant=access.grants.caller,
        ended=access.ended,
        identities=access.identities,
        recorded=access.audit.act,
        denied=lambda error, request: context.denials.of(error, context.asked(request.scope), route="sign-in"),
        check_patience=lambda request: context.denials.check(context.asked(request.scope), "sign-in"),
        ancestors=access.config.frame_ancestors,
    )
    handlers: list[Any] = [
        health_route,
        *slide_handlers(context),
        *list_handlers(context),
        *prefetch_handlers(context),
        *thumbnail_handlers(context),
        *associated_handlers(context),
        *download_handlers(context),
        *deep_zoom_handlers(context),
        *page_handlers(context, sign_in, access.grants),
        static_handler(static),
        embed_handler(static),
    ]
    if not context.gate.is_open():
        handlers += sign_in_handlers(sign_in)
    if access.identities is not None:
        handlers += _grant_handlers(context, access)
    app = Litestar(
        handlers,
        exception_handlers=EXCEPTION_HANDLERS | {HTTPException: no_page(sign_in, open_access=context.gate.is_open())},
        openapi_config=openapi_config("WSI Streamer", static),
        logging_config=None,
    )
    describe(app.openapi_schema)
    return app
