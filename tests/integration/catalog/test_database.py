"""The pool: round trips, broken connections, faults in words."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests.support.postgres import execute, named
from tests.support.s3server import free_port
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.slides import TileAt
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.slides.errors import CatalogUnavailable
from wsi_streamer.slides.slide import SlideStatus, StoredObject


@contextlib.asynccontextmanager
async def counting_proxy(database_url: str) -> AsyncIterator[tuple[str, list[int]]]:
    """A TCP way to the server; counts the client's messages that end a round trip."""
    query = make_url(database_url).query
    trips = [0]
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, count: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                trips[0] += count
                writer.write(data)
                await writer.drain()
        writer.close()

    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "host" in query:
            ahead, behind = await asyncio.open_unix_connection(f"{query['host']}/.s.PGSQL.5432")
        else:
            url = make_url(database_url)
            ahead, behind = await asyncio.open_connection(url.host, url.port or 5432)
        for task in (pump(reader, behind, count=True), pump(ahead, writer, count=False)):
            tasks.add(asyncio.create_task(task))

    server = await asyncio.start_server(on_client, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    url = make_url(database_url).difference_update_query(["host"]).set(host=host, port=port)
    url = url.update_query_dict({"sslmode": "disable"})
    try:
        yield url.render_as_string(hide_password=False), trips
    finally:
        server.close()
        for task in tasks:
            task.cancel()


async def test_a_slide_is_opened_with_its_table_in_one_round_trip(database_url: str) -> None:
    async with counting_proxy(database_url) as (url, trips):
        database = await Database.connect(url)
        catalog = Catalog(database, await ensure_source(database, "http://s3", "bucket", ""))
        await catalog.objects.observe(StoredObject("a.svs", '"1"', 1))
        await catalog.slides.open("a.svs", TileAt(0, 0, 0))
        before = trips[0]
        assert await catalog.slides.open("a.svs", TileAt(0, 0, 0)) is not None
        assert trips[0] - before == 1
        await database.aclose()


async def test_a_server_that_is_not_up_yet_is_waited_for(database_url: str) -> None:
    async with counting_proxy(database_url) as (url, trips):
        port = free_port()
        late = make_url(url).set(port=port).render_as_string(hide_password=False)
        began = time.monotonic()
        with pytest.raises(CatalogUnavailable, match="can't be reached"):
            await Database.connect(late)
        assert time.monotonic() - began < 1.5
        connecting = asyncio.create_task(Database.connect(late, wait=20))
        await asyncio.sleep(0.3)
        assert not connecting.done()
        async with relay(port, make_url(url).port or 0):
            database = await connecting
            await database.ping()
            await database.aclose()
    assert trips[0] > 0


async def test_a_server_that_refuses_is_not_waited_for(database_url: str) -> None:
    async with counting_proxy(database_url) as (url, _):
        with pytest.raises(CatalogUnavailable, match="no such database"):
            async with asyncio.timeout(5):
                await Database.connect(named(url, "nowhere"), wait=60)


@contextlib.asynccontextmanager
async def relay(port: int, to: int) -> AsyncIterator[None]:
    """Listens on a port, and passes on what comes."""
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ahead, behind = await asyncio.open_connection("127.0.0.1", to)
        tasks.update({asyncio.create_task(pump(reader, behind)), asyncio.create_task(pump(ahead, writer))})

    server = await asyncio.start_server(on_client, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for task in tasks:
            task.cancel()


async def test_connections_that_died_are_replaced_before_anyone_notices(catalog: Catalog, database_url: str) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    await asyncio.gather(*(catalog.listing.counts() for _ in range(5)))
    await execute(database_url, kill)
    assert await catalog.slides.open("a.svs") is None
    await asyncio.gather(*(catalog.listing.counts() for _ in range(5)))
    await execute(database_url, kill)
    await catalog.objects.observe(StoredObject("a.svs", '"1"', 1))
    assert await catalog.slides.open("a.svs") is not None


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with database.transaction() as connection:
            await connection.execute(text("INSERT INTO sources (endpoint, bucket, prefix) VALUES ('e', 'b', '')"))
            raise ZeroDivisionError
    assert not await database.rows(text("SELECT 1 FROM sources"))


async def test_a_busy_pool_says_so(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wsi_streamer.catalog.database.CONNECT_SECONDS", 0.2)
    database = await Database.connect(database_url, pool_size=1)
    async with database.transaction(), database.transaction():
        with pytest.raises(CatalogUnavailable, match="busy"):
            await database.rows(text("SELECT 1"))
    await database.aclose()


async def test_faults_at_the_start_are_one_line_each_without_the_password(database_url: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for url, words in (
        (f"postgresql://u:secret@127.0.0.1:{port}/d", "it can't be reached"),
        ("postgresql://u:secret@no-such-host.invalid/d", "host name|can't be reached"),
        (named(database_url, "no_such_database"), "there is no such database"),
        (f"postgresql://u:secret@127.0.0.1:{port}/d?sslmode=nonsense", "its URL has a parameter"),
    ):
        with pytest.raises(CatalogUnavailable, match=words) as caught:
            await Database.connect(url)
        assert "secret" not in caught.value.message
        assert "\n" not in caught.value.message
        assert caught.value.retry_after


async def test_missing_tables_are_named_with_what_to_do(postgres_url: str) -> None:
    database = await Database.connect(named(postgres_url, "template1"))
    with pytest.raises(CatalogUnavailable, match="wsi-streamer migrate"):
        await ensure_source(database, None, "b", "")
    await database.aclose()


async def test_two_starters_migrate_once_and_a_newer_schema_is_left_alone(
    postgres_url: str, database: Database
) -> None:
    await execute(postgres_url, "DROP DATABASE IF EXISTS two_starters", "CREATE DATABASE two_starters")
    starters = [await Database.connect(named(postgres_url, "two_starters")) for _ in range(2)]
    await asyncio.gather(*(migrate(starter) for starter in starters))
    assert await ensure_source(starters[0], None, "b", "") == await ensure_source(starters[1], None, "b", "")
    for starter in starters:
        await starter.aclose()
    await execute(postgres_url, "DROP DATABASE two_starters")
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE wsi_schema_version SET version_num = '9999'"))
    await migrate(database)
    assert (await database.rows(text("SELECT version_num FROM wsi_schema_version")))[0][0] == "9999"


async def test_what_an_older_indexer_gave_up_waits_again_after_the_migration(
    empty_database_url: str,
) -> None:
    database = await Database.connect(empty_database_url)
    await migrate(database, to="0001")
    catalog = Catalog(database, await ensure_source(database, "http://s3", "bucket", ""))
    for key in ("a.svs", "b.svs"):
        await catalog.objects.observe(StoredObject(key, '"1"', 1))
    await catalog.store.gave_up("a.svs", "storage: The store refused.")
    await catalog.store.gave_up("b.svs", "The file is broken.")
    await migrate(database)
    found = [(row.status, row.error) for row in (await catalog.listing.page(limit=10)).rows]
    assert found == [(SlideStatus.PENDING, "The store refused."), (SlideStatus.FAILED, "The file is broken.")]
    await database.aclose()


async def test_behind_pgbouncer_nothing_is_kept_on_a_server_connection(database_url: str) -> None:
    database = await Database.connect(database_url, pool_size=1, pgbouncer=True)
    catalog = Catalog(database, await ensure_source(database, "http://s3", "bucket", ""))
    for _ in range(3):
        await catalog.objects.observe(StoredObject("a.svs", '"1"', 1))
        assert await catalog.slides.open("a.svs") is not None
    assert not await database.rows(text("SELECT name FROM pg_prepared_statements WHERE name <> ''"))
    await database.aclose()
