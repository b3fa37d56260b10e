"""What the commands that serve have in common: signals, connections, the admin port."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from socket import socket
from typing import Any

import structlog
from litestar import Litestar

from wsi_streamer.access.access import Access, opened_access
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.embedded import EmbeddedPostgres
from wsi_streamer.catalog.notifications import Listener
from wsi_streamer.catalog.roles import current_user
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.settings import Settings
from wsi_streamer.slides.errors import CatalogUnavailable
from wsi_streamer.telemetry.logs import configure_logs
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.web.errors import EXCEPTION_HANDLERS
from wsi_streamer.web.management import management_handlers
from wsi_streamer.web.management_openapi import describe_management
from wsi_streamer.web.openapi import openapi_config
from wsi_streamer.web.security_headers import SecureApp
from wsi_streamer.web.server import bind, stop_on_signals
from wsi_streamer.web.static_files import StaticFiles
from wsi_streamer.web.static_route import static_handler

RESTART_SECONDS = 5.0

RenderMetrics = Callable[[], Awaitable[tuple[bytes, str]]]
"""Has metrics rendered: the text, and its content type."""

_log = structlog.get_logger("wsi_streamer.cli")


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a service: ``asked`` is set by a signal; ``serving()`` says that from now on it ends by finishing what it
    serves, and no longer by being cancelled."""

    asked: asyncio.Event
    serving: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What both services are started with."""

    settings: Settings
    """With the database's URL, where that is ours too."""
    database: Database
    source_id: int
    listener: Listener
    store: ObjectStore
    metrics: Metrics
    access: Access

    def __iter__(self) -> Iterator[Any]:
        """In the order of the services' ``start``."""
        return iter(
            (self.settings, self.database, self.source_id, self.listener, self.store, self.metrics, self.access)
        )

    async def render_metrics(self) -> tuple[bytes, str]:
        """This process's own."""
        return self.metrics.render()


def run_service(settings: Settings, work: Callable[[Settings, Stop], Coroutine[Any, Any, None]]) -> None:
    """Run a service until a signal stops it; one that comes while it still starts ends that too, and what was started
    is taken down again."""
    configure_logs(settings.log_format, verbose=settings.verbose, request_lines=not settings.no_tracing)
    _log.debug("settings", **settings.redacted())
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_until_stopped(settings, work))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed (uvicorn brings it, except on Windows), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _until_stopped(settings: Settings, work: Callable[[Settings, Stop], Coroutine[Any, Any, None]]) -> None:
    asked, serving = asyncio.Event(), asyncio.Event()
    stop_on_signals(asked)
    task = asyncio.create_task(work(settings, Stop(asked, serving.set)))
    stopped = asyncio.create_task(asked.wait())
    await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done() and not serving.is_set():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return
    await task


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[socket]:
    """A socket on an address.

    Raises:
        AddressInUse: it can't be had.
    """
    sock = bind(host, port)
    try:
        yield sock
    finally:
        sock.close()


@dataclass(frozen=True, slots=True)
class CatalogUrls:
    """How the catalog is reached."""

    services: str
    owner: str | None
    """By the user that owns the tables, where that is another one."""


@contextlib.asynccontextmanager
async def catalog_url(settings: Settings) -> AsyncIterator[CatalogUrls]:
    """The database's URLs, of a server of our own where none is given.

    Raises:
        CatalogUnavailable: ours can't be started.
    """
    if settings.database_url is not None:
        yield CatalogUrls(settings.database_url, settings.database_owner_url)
        return
    starting = asyncio.create_task(EmbeddedPostgres.start(settings.data_dir))
    try:
        postgres = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # It starts in a thread, which nobody can stop half-way: wait, or the server would outlive this process.
        with contextlib.suppress(CatalogUnavailable):
            await (await starting).stop()
        raise
    watcher = asyncio.create_task(postgres.keep_running())
    try:
        yield CatalogUrls(postgres.service_url, postgres.url)
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        await postgres.stop()


@contextlib.asynccontextmanager
async def connected(settings: Settings, urls: CatalogUrls, *, migrated: bool) -> AsyncIterator[Database]:
    """The database as the services' user sees it, brought to this release's schema where ``migrated``, by its owner where
    one is named.

    Raises:
        CatalogUnavailable: it can't be reached, or refuses.
    """
    pool_size, pgbouncer = settings.database_pool_size, settings.database_pgbouncer
    wait = settings.database_wait
    database = await Database.connect(urls.services, pool_size=pool_size, pgbouncer=pgbouncer, wait=wait)
    try:
        if migrated:
            from wsi_streamer.catalog.migrate import migrate  # a tile worker beside a real server never needs it

            if urls.owner is None:
                await migrate(database)
            else:
                async with owning(settings, urls.owner) as owner:
                    await migrate(owner, service=await current_user(database))
        yield database
    finally:
        await database.aclose()


@contextlib.asynccontextmanager
async def owning(settings: Settings, owner_url: str) -> AsyncIterator[Database]:
    """The database as its owner sees it.

    Raises:
        CatalogUnavailable: it can't be reached, or refuses.
    """
    database = await Database.connect(
        owner_url, pool_size=1, pgbouncer=settings.database_pgbouncer, wait=settings.database_wait
    )
    try:
        yield database
    finally:
        await database.aclose()


@contextlib.asynccontextmanager
async def opened(settings: Settings, service: str, *, migrated: bool, checked: bool) -> AsyncIterator[Parts]:
    """Bucket, catalog and audit log, open; ``service`` is what the log calls this process. ``checked`` asks the store first
    whether bucket and credentials are right.

    Raises:
        StorageError, StorageUnreachable, CatalogUnavailable: with one sentence for the operator.
    """
    metrics = Metrics()
    async with contextlib.AsyncExitStack() as stack:
        store = await ObjectStore.open(settings.store_config(), metrics)
        stack.push_async_callback(store.aclose)
        if checked:
            await store.check_bucket()
        urls = await stack.enter_async_context(catalog_url(settings))
        # A server of our own has nobody else who would bring it up to date.
        own = settings.database_url is None
        database = await stack.enter_async_context(connected(settings, urls, migrated=migrated or own))
        source_id = await ensure_source(database, settings.s3_endpoint, settings.s3_bucket, settings.s3_prefix)
        listener = await Listener.start(urls.services)
        stack.push_async_callback(listener.aclose)
        access = await stack.enter_async_context(
            opened_access(
                settings.access_config(),
                settings.audit_config(),
                database,
                source_id,
                listener,
                metrics,
                service=service,
            )
        )
        settings = dataclasses.replace(settings, database_url=urls.services, database_owner_url=None)
        yield Parts(settings, database, source_id, listener, store, metrics, access)


def management_app(
    render_metrics: RenderMetrics, ready: Callable[[], Awaitable[bool]], handlers: list[Any] | None = None
) -> SecureApp:
    """What listens on the admin port."""
    static = StaticFiles.load()
    app = Litestar(
        [*management_handlers(render_metrics, ready), *(handlers or []), static_handler(static)],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=openapi_config("WSI Streamer, administration", static),
        logging_config=None,
    )
    describe_management(app.openapi_schema)
    return SecureApp(app)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def in_background(name: str, run: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Have a service's loop run meanwhile. A fault in it is logged and it is started again: it must not take down what
    else this process serves."""

    async def keep_running() -> None:
        while True:
            try:
                await run()
            except Exception:  # noqa: BLE001 - whatever it was, it is logged and tried again
                _log.exception("service failed and is started again", service=name, seconds=RESTART_SECONDS)
            await asyncio.sleep(RESTART_SECONDS)

    task = asyncio.create_task(keep_running())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def answers(database: Database) -> bool:
    """Whether the catalog was ever reached: what the indexer calls ready."""
    return database.was_reached
