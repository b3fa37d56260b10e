"""A pool of connections, and the one place where driver errors become the API's."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from wsi_streamer.slides.errors import CatalogUnavailable

CONNECT_SECONDS = 5
COMMAND_SECONDS = 30


def driver_url(url: str) -> URL:
    """A ``postgresql://`` URL for SQLAlchemy's asyncpg dialect.

    Raises:
        CatalogUnavailable: not such a URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise CatalogUnavailable(
            "The database URL can't be read. Use postgresql://user:password@host/database."
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise CatalogUnavailable("The catalog needs Postgres: use postgresql://user:password@host/database.")
    return parsed.set(drivername="postgresql+asyncpg")


def connect_arguments(*, pgbouncer: bool) -> dict[str, Any]:
    """What asyncpg is given for each connection."""
    arguments: dict[str, Any] = {"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS}
    if pgbouncer:  # a pooled server connection may not know the statements that another one prepared
        arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    return arguments


class Database:
    """The connections of one process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.was_reached = False
        """Whether a query ever succeeded."""

    @classmethod
    async def connect(cls, url: str, *, pool_size: int = 5, pgbouncer: bool = False) -> Database:
        """Open the pool and see that the server answers.

        Raises:
            CatalogUnavailable: it can't be reached; the message says why, without the password.
        """
        engine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=CONNECT_SECONDS,
            pool_pre_ping=True,
            connect_args=connect_arguments(pgbouncer=pgbouncer),
        )
        database = cls(engine)
        try:
            await database.ping()
        except CatalogUnavailable:
            await engine.dispose()
            raise
        return database

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection within a transaction, committed at the end.

        Raises:
            CatalogUnavailable: the server can't be reached, or refuses.
        """
        with translated():
            async with self.engine.begin() as connection:
                yield connection
        self.was_reached = True

    async def ping(self) -> None:
        """Ask for nothing.

        Raises:
            CatalogUnavailable: no answer.
        """
        async with self.transaction() as connection:
            await connection.execute(text("SELECT 1"))

    async def aclose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


@contextlib.contextmanager
def translated() -> Any:
    """Driver errors as `CatalogUnavailable`."""
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        unavailable = CatalogUnavailable(f"The catalog (Postgres) can't be used: {_reason(error)}.")
        raise unavailable from error
    except SQLAlchemyError as error:  # the pool is exhausted, for one
        raise CatalogUnavailable("The catalog (Postgres) is busy.") from error


def _reason(error: BaseException) -> str:
    """The kind of the fault, in words; the driver's own text may hold values of a query."""
    cause = getattr(error, "orig", error)
    cause = getattr(cause, "__cause__", None) or cause
    for kind, words in (
        (asyncpg.InvalidPasswordError, "it refuses the user or password"),
        (asyncpg.InvalidAuthorizationSpecificationError, "it refuses the user or password"),
        (asyncpg.InvalidCatalogNameError, "there is no such database"),
        (asyncpg.UndefinedTableError, "its tables are missing: run 'wsi-streamer migrate'"),
        (asyncpg.UndefinedColumnError, "its tables are of an older release: run 'wsi-streamer migrate'"),
        (asyncpg.InsufficientPrivilegeError, "its user may not do this"),
        (asyncpg.TooManyConnectionsError, "it has too many connections"),
        (TimeoutError, "it does not answer in time"),
        (OSError, "it can't be reached"),
    ):
        if isinstance(cause, kind):
            return words
    return f"it answered {type(cause).__name__}"
