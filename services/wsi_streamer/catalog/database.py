"""A pool of connections, and the one place where driver errors become the API's."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from sqlalchemy import Executable, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from wsi_streamer.slides.errors import CatalogUnavailable

CONNECT_SECONDS = 4
CONNECT_AGAIN_SECONDS = 2.0
READ_SECONDS = 5
"""Of one read in all: a viewer waits for it."""

WRITE_SECONDS = 600
"""Some statements write a row for each of a million slides."""

_log = structlog.get_logger("wsi_streamer.catalog")

# libpq has them, asyncpg would send them to the server as settings.
_CLIENT_PARAMETERS = ("connect_timeout", "channel_binding", "gssencmode", "keepalives", "keepalives_idle")


def connect_arguments(url: str, *, pgbouncer: bool = False) -> dict[str, Any]:
    """What asyncpg is given for each connection. It reads the URL itself, so that libpq's parameters (``sslmode``,
    ``sslrootcert``, ``target_session_attrs``, …) work.

    Raises:
        CatalogUnavailable: not the URL of a Postgres server.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise CatalogUnavailable(
            "The database URL can't be read. Use postgresql://user:password@host/database."
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise CatalogUnavailable("The catalog needs Postgres: use postgresql://user:password@host/database.")
    parsed = parsed.set(drivername="postgresql").difference_update_query(_CLIENT_PARAMETERS)
    arguments: dict[str, Any] = {"dsn": parsed.render_as_string(hide_password=False), "timeout": CONNECT_SECONDS}
    if pgbouncer:  # another server connection does not know the statements that were prepared on one
        arguments["statement_cache_size"] = 0
    return arguments


def _engine(url: str, pool_size: int, *, pgbouncer: bool) -> AsyncEngine:
    arguments = connect_arguments(url, pgbouncer=pgbouncer) | {"command_timeout": WRITE_SECONDS}
    if pgbouncer:
        arguments |= {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
    return create_async_engine(
        "postgresql+asyncpg://",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=CONNECT_SECONDS,
        connect_args=arguments,
    )


class Database:
    """The connections of one process."""

    def __init__(self, engine: AsyncEngine, *, pgbouncer: bool = False) -> None:
        self.engine = engine
        # pgbouncer may send each statement outside a transaction to another server.
        self._reading = engine if pgbouncer else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._given_up: set[asyncio.Task[Sequence[Any]]] = set()
        self.was_reached = False
        """Whether a query ever succeeded."""

    @classmethod
    async def connect(cls, url: str, *, pool_size: int = 5, pgbouncer: bool = False, wait: float = 0.0) -> Database:
        """Open the pool and see that the server answers; for ``wait`` seconds one that can't be reached is asked again.

        Raises:
            CatalogUnavailable: it can't be reached, or refuses; the message says why, without the password.
        """
        database = cls(_engine(url, pool_size, pgbouncer=pgbouncer), pgbouncer=pgbouncer)
        deadline = time.monotonic() + wait
        try:
            while True:
                try:
                    await database.ping()
                except CatalogUnavailable as error:
                    if time.monotonic() > deadline or not _may_pass(error):
                        raise
                    _log.warning("waiting for the database", reason=error.message)
                    await asyncio.sleep(CONNECT_AGAIN_SECONDS)
                else:
                    return database
        except BaseException:
            await database.aclose()
            raise

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection within a transaction, committed at the end.

        Raises:
            CatalogUnavailable: the server can't be reached, or refuses.
        """
        with translated():
            connection = await self._begun()
            try:
                yield connection
                await connection.commit()
            finally:
                await connection.close()
        self.was_reached = True

    async def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """One statement that only reads. One round trip: no transaction around it, no ping before it; where the
        connection turns out to have died, it is asked again on a new one. `READ_SECONDS` for all of that.

        Raises:
            CatalogUnavailable: the server can't be reached, or refuses.
        """
        with translated():
            found = await self._in_time(self._read(statement, values))
        self.was_reached = True
        return found

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees the database as it was when it first read, however long that takes.

        Raises:
            CatalogUnavailable: the server can't be reached, or refuses.
        """
        with translated():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(isolation_level="REPEATABLE READ")

    async def analyze(self, *tables: str) -> None:
        """Renew the planner's statistics. Postgres does so within minutes, but a first scan fills empty tables in seconds,
        and the plans for an empty table take minutes on a full one.

        Raises:
            CatalogUnavailable: the server can't be reached, or refuses.
        """
        async with self.transaction() as connection:
            if (await connection.execute(_HAS_ANALYZE)).scalar_one():
                await connection.execute(_ANALYZE, {"tables": list(tables)})
            else:  # not migrated yet: the tables are ours
                await connection.execute(text(f"ANALYZE {', '.join(tables)}"))

    async def ping(self) -> None:
        """Ask for nothing.

        Raises:
            CatalogUnavailable: no answer.
        """
        await self.rows(_PING)

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(*self._given_up, return_exceptions=True)
        await self.engine.dispose()

    async def _in_time(self, reading: Coroutine[Any, Any, Sequence[Any]]) -> Sequence[Any]:
        # A task of its own, since saying goodbye to a server that hangs takes seconds more, for which nobody should wait.
        task = asyncio.create_task(reading)
        try:
            await asyncio.wait({task}, timeout=READ_SECONDS)
        finally:
            if not task.done():
                task.cancel()
                self._given_up.add(task)
                task.add_done_callback(self._put_to_rest)
        if not task.done():
            raise TimeoutError
        return task.result()

    def _put_to_rest(self, task: asyncio.Task[Sequence[Any]]) -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()  # seen, or asyncio would print it

    async def _read(self, statement: Executable, values: Mapping[str, Any] | None) -> Sequence[Any]:
        try:
            return await self._read_once(statement, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return await self._read_once(statement, values)

    async def _read_once(self, statement: Executable, values: Mapping[str, Any] | None) -> Sequence[Any]:
        async with self._reading.connect() as connection:
            return (await connection.execute(statement, values)).all()

    async def _begun(self) -> AsyncConnection:
        """A connection whose transaction has begun, so that it is alive: a write is never sent twice."""
        async with asyncio.timeout(READ_SECONDS):
            connection = await self.engine.connect()
            try:
                await connection.execute(_PING)
            except DBAPIError as error:
                await connection.close()
                if not error.connection_invalidated:
                    raise
                connection = await self.engine.connect()
            except BaseException:
                await connection.close()
                raise
            return connection


_PING = text("SELECT 1")
_HAS_ANALYZE = text("SELECT to_regprocedure('wsi_analyze(text[])') IS NOT NULL")
_ANALYZE = text("SELECT wsi_analyze(CAST(:tables AS text[]))")  # the tables belong to another user, or may


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Driver errors as `CatalogUnavailable`."""
    try:
        yield
    except PoolTimeout as error:
        raise CatalogUnavailable("The catalog (Postgres) is busy: all connections are in use.") from error
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise CatalogUnavailable(f"The catalog (Postgres) can't be used: {_reason(error)}.") from error


def _cause(error: BaseException) -> BaseException:
    """What lies behind the error of a library."""
    cause: BaseException = getattr(error, "orig", error)
    if isinstance(cause, TimeoutError):  # whose cause is the cancellation that it made
        return cause
    return cause.__cause__ or cause


def _may_pass(error: CatalogUnavailable) -> bool:
    """Whether the server may just not be up yet, as opposed to one that refuses."""
    cause = _cause(error.__cause__ or error)
    if isinstance(cause, ssl.SSLError):  # an OSError, too
        return False
    return isinstance(cause, OSError | asyncio.CancelledError | asyncpg.CannotConnectNowError)


def _reason(error: BaseException) -> str:
    """The kind of the fault, in words; the driver's own text may hold values of a query."""
    cause = _cause(error)
    for kind, words in (
        (asyncpg.InvalidPasswordError, "it refuses the user or password"),
        (asyncpg.InvalidAuthorizationSpecificationError, "it refuses the user or password"),
        (asyncpg.InvalidCatalogNameError, "there is no such database"),
        (asyncpg.UndefinedTableError, "its tables are missing: run 'wsi-streamer migrate'"),
        (asyncpg.UndefinedColumnError, "its tables are of an older release: run 'wsi-streamer migrate'"),
        (
            asyncpg.InsufficientPrivilegeError,
            "its user may not do this (tables are made by their owner: WSI_DATABASE_OWNER_URL)",
        ),
        (asyncpg.TooManyConnectionsError, "it has too many connections"),
        (asyncpg.CannotConnectNowError, "it is starting or stopping"),
        (asyncpg.DiskFullError, "its disk is full"),
        (asyncpg.ReadOnlySQLTransactionError, "it is read-only"),
        (asyncpg.exceptions.ClientConfigurationError, "its URL has a parameter that can't be used"),
        (TimeoutError, "it does not answer in time"),
        (asyncio.CancelledError, "it does not answer in time"),
        (ssl.SSLError, "TLS fails: see sslmode and sslrootcert in its URL"),
        (socket.gaierror, "its host name is unknown"),
        (OSError, "it can't be reached"),
    ):
        if isinstance(cause, kind):
            return words
    return f"it answered {type(cause).__name__}"
