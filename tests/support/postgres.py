"""A real Postgres: the embedded one, or the server that WSI_TEST_DATABASE_URL names."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database, connect_arguments
from wsi_streamer.catalog.embedded import EmbeddedPostgres
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.notifications import Listener
from wsi_streamer.catalog.sources import ensure_source

TEMPLATE = f"wsi_template_{secrets.token_hex(4)}"
"""Of this run: others may use the same server."""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server with a migrated template database, for all tests of a run."""
    given = os.environ.get("WSI_TEST_DATABASE_URL")
    # Not below pytest's own folder: as root the server is another user, and pytest closes that folder to others.
    folder = Path(tempfile.mkdtemp(prefix="wsi-pg-"))
    server = None if given else asyncio.run(EmbeddedPostgres.start(folder))
    url = given or (server.url if server else "")

    async def prepare() -> None:
        await execute(url, f"CREATE DATABASE {TEMPLATE}")
        database = await Database.connect(named(url, TEMPLATE))
        await migrate(database)
        await database.aclose()

    asyncio.run(prepare())
    yield url
    asyncio.run(execute(url, f"DROP DATABASE {TEMPLATE}"))
    if server is not None:
        asyncio.run(server.stop())
    shutil.rmtree(folder, ignore_errors=True)


async def execute(url: str, *statements: str) -> None:
    """Statements that can't run in a transaction."""
    connection = await asyncpg.connect(**connect_arguments(url))
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@contextlib.asynccontextmanager
async def new_database(postgres_url: str) -> AsyncIterator[str]:
    """An empty, migrated database, for fixtures of any scope."""
    name = f"test_{secrets.token_hex(6)}"
    await execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield named(postgres_url, name)
    await execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """An empty, migrated database for one test."""
    name = f"test_{secrets.token_hex(6)}"
    asyncio.run(execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield named(postgres_url, name)
    asyncio.run(execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database without any table, for one test."""
    name = f"test_{secrets.token_hex(6)}"
    asyncio.run(execute(postgres_url, f"CREATE DATABASE {name}"))
    yield named(postgres_url, name)
    asyncio.run(execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Connected to the test's own database."""
    database = await Database.connect(database_url)
    yield database
    await database.aclose()


@pytest.fixture
async def catalog(database: Database, database_url: str) -> AsyncIterator[Catalog]:
    """The catalog of one source."""
    listener = await Listener.start(database_url)
    yield Catalog(database, await ensure_source(database, "http://s3", "bucket", ""), listener)
    await listener.aclose()


@pytest.fixture
def service_url(postgres_url: str, database_url: str) -> Iterator[str]:
    """The test's own database by a user that owns nothing and has no rights yet."""
    name = f"service_{secrets.token_hex(6)}"
    asyncio.run(execute(postgres_url, f"CREATE ROLE {name} LOGIN PASSWORD 'service'"))
    yield make_url(database_url).set(username=name, password="service").render_as_string(hide_password=False)
    asyncio.run(execute(database_url, f"DROP OWNED BY {name} CASCADE"))
    asyncio.run(execute(postgres_url, f"DROP ROLE {name}"))


@contextlib.asynccontextmanager
async def away(postgres_url: str, database_url: str) -> AsyncIterator[None]:
    """The database refuses everybody meanwhile, and all connections have broken."""
    name = make_url(database_url).database
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await execute(postgres_url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", kill)
    try:
        yield
    finally:
        await execute(postgres_url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
