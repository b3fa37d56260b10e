"""``python -m tests.benchmarks.catalog_patterns``: lists, searches and opening slides in a catalog of a million.

Each pattern is asked many times, with other values each time and one after the other: at the catalog's own methods, and
over HTTP at a tile worker that knows nothing yet.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import httpx
from sqlalchemy import text

from tests.benchmarks.catalog_generator import generate, large_slides
from tests.benchmarks.catalog_queries import PAGES
from tests.demo.command import Command
from tests.support.s3server import free_port
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.embedded import EmbeddedPostgres
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.slides import SlideRow, TileAt
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.slide import SlideStatus, StoredObject
from wsi_streamer.slides.tile_table import SLICE_TILES

ENDPOINT = "http://127.0.0.1:9"
"""Of the store, which nobody asks: no tile's bytes are read here."""

BUCKET = "catalog-at-scale"
LIMIT = 100
ROUNDS = 40
SCANNED = 100_000
"""Objects of a scan."""

ANSWER_SECONDS = 60
"""For one question; whoever waits longer waits in vain."""

ALL_SECONDS = 900
"""For everything, a catalog of a million slides among it."""

TARGET_MS = 20.0
"""The 95th percentile of a list or a search among a million slides."""

Ask = Callable[[SlideRow], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one pattern took."""

    pattern: str
    via: Literal["catalog", "HTTP"]
    slides: int
    samples: int
    p50_ms: float
    p95_ms: float
    target_ms: float | None = None


async def patterns(*, slides: int = 1_000_000, rounds: int = ROUNDS, database_url: str | None = None) -> list[Timing]:
    """Measure all of it on a generated catalog.

    Args:
        slides: in the catalog.
        rounds: samples of each pattern.
        database_url: of a database that holds such a catalog, or where one is generated if it has none; an embedded
            Postgres in a temporary folder unless given.

    Raises:
        RuntimeError: a question that is not answered, or not in time.
    """
    try:
        async with asyncio.timeout(ALL_SECONDS):
            return await _patterns(slides, rounds, database_url)
    except (WsiError, httpx.HTTPError, TimeoutError) as error:
        raise RuntimeError(f"the catalog's patterns end here: {error!r}") from error


async def _patterns(slides: int, rounds: int, database_url: str | None) -> list[Timing]:
    async with contextlib.AsyncExitStack() as stack:
        if database_url is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wsi-bench-")))
            server = await EmbeddedPostgres.start(folder)
            stack.push_async_callback(server.stop)
            database_url = server.url
        database = await Database.connect(database_url)
        stack.push_async_callback(database.aclose)
        await migrate(database)
        source_id = await ensure_source(database, ENDPOINT, BUCKET, "")
        if not (await Catalog(database, source_id).listing.page(limit=1)).rows:
            await generate(database, source_id, slides)
        measured = _Measured(slides, await _sample(database, source_id, rounds))
        await _at_catalog(measured, Catalog(database, source_id), await large_slides(database, source_id))
        async with _tile_worker(database_url) as http:
            await _over_http(measured, http)
        await _scans(measured, Catalog(database, source_id), database)
        return measured.timings


class _Measured:
    """Collects timings."""

    def __init__(self, slides: int, sample: Sequence[SlideRow]) -> None:
        self.timings: list[Timing] = []
        self._slides = slides
        self._sample = sample

    async def __call__(
        self, pattern: str, via: Literal["catalog", "HTTP"], ask: Ask, target: float | None = None
    ) -> None:
        seconds = []
        for row in (self._sample[-1], *self._sample):
            began = time.perf_counter()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await ask(row)
            except (WsiError, httpx.HTTPError, TimeoutError) as error:
                raise RuntimeError(f"no answer to '{pattern}' ({via}): {error!r}") from error
            seconds.append(time.perf_counter() - began)
        del seconds[0]  # its statements were planned, its connection opened
        seconds.sort()
        p50, p95 = (seconds[min(len(seconds) - 1, int(len(seconds) * q))] * 1000 for q in (0.5, 0.95))
        self.timings.append(Timing(pattern, via, self._slides, len(seconds), p50, p95, target))

    async def once(self, pattern: str, work: Callable[[], Awaitable[None]]) -> None:
        """One long piece of work."""
        began = time.perf_counter()
        await work()
        took = (time.perf_counter() - began) * 1000
        self.timings.append(Timing(pattern, "catalog", self._slides, 1, took, took))


async def _at_catalog(measured: _Measured, catalog: Catalog, large: Sequence[str]) -> None:
    pick = random.Random(11)
    for name, query in PAGES.items():

        async def page(row: SlideRow, query: Any = query) -> None:
            wanted = query(pick, row)
            if "status" in wanted:
                wanted["status"] = SlideStatus(wanted["status"])
            await catalog.listing.page(limit=LIMIT, **wanted)

        await measured(name, "catalog", page, TARGET_MS)
    slides = catalog.slides
    await measured("open by id, with the first slice", "catalog", lambda row: slides.open(row.id, TileAt(0, 1, 1)))
    await measured("open by key, with the first slice", "catalog", lambda row: slides.open(row.key, TileAt(0, 1, 1)))

    async def open_large(_: SlideRow) -> None:
        await slides.open(pick.choice(large), TileAt(0, pick.randrange(1000), pick.randrange(1000)))

    await measured("open a slide of a million tiles", "catalog", open_large)
    opened = [await slides.open(slide_id) for slide_id in large]
    versions = [one.slide.version_id for one in opened if one is not None and one.slide is not None]

    async def any_slice(_: SlideRow) -> None:
        await slides.table_slice(pick.choice(versions), 0, pick.randrange(10**6) // SLICE_TILES * SLICE_TILES)

    await measured("a slice of a million tiles", "catalog", any_slice)
    await measured("counts", "catalog", lambda _: catalog.listing.counts())
    await measured("backlog", "catalog", lambda _: catalog.jobs.backlog())
    await measured("refusals", "catalog", lambda _: catalog.listing.refusals())
    cursor, _ = await slides.changes(None)
    await measured("changes, none", "catalog", lambda _: slides.changes(cursor))


async def _scans(measured: _Measured, catalog: Catalog, database: Database) -> None:
    """The catalog's part of scans: pages of 1,000 as S3 lists them."""
    statement = text("""
        SELECT key, etag, size, last_modified, storage_class FROM objects WHERE source_id = :source ORDER BY key LIMIT :most
    """)
    rows = await database.rows(statement, {"source": catalog.source_id, "most": SCANNED})
    known = [StoredObject(r.key, r.etag, r.size, r.last_modified, r.storage_class) for r in rows]
    new = Catalog(database, await ensure_source(database, ENDPOINT, f"{BUCKET}-new", ""))

    async def scan(into: Catalog) -> None:
        after = ""
        for start in range(0, len(known), 1000):
            page = known[start : start + 1000]
            await into.objects.reconcile(page, after=after, until=page[-1].key)
            after = page[-1].key

    await measured.once(f"rescan of {len(known):,} unchanged", lambda: scan(catalog))
    try:
        await measured.once(f"scan of {len(known):,} new", lambda: scan(new))
    finally:
        async with database.transaction() as connection:
            # Without foreign keys: for each slide they would look for objects, of which no index knows the slide.
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in ("objects", "slides"):
                statement = text(f"DELETE FROM {table} WHERE source_id = :source")
                await connection.execute(statement, {"source": new.source_id})


async def _over_http(measured: _Measured, http: httpx.AsyncClient) -> None:
    pick = random.Random(12)
    for name, query in PAGES.items():

        async def page(row: SlideRow, query: Any = query) -> None:
            (await http.get("/slides", params={"limit": LIMIT, **query(pick, row)})).raise_for_status()

        await measured(name, "HTTP", page, TARGET_MS)

    async def metadata(row: SlideRow) -> None:
        (await http.get(f"/slides/{quote(row.key, safe='')}")).raise_for_status()

    await measured("open, its metadata", "HTTP", metadata)


@contextlib.asynccontextmanager
async def _tile_worker(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    credentials = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "asks"}
    environment = credentials | {"WSI_DATABASE_URL": database_url, "WSI_S3_ENDPOINT": ENDPOINT}
    worker = Command(["tiles", f"s3://{BUCKET}", "--no-tracing"], {**os.environ, **environment}, port)
    await asyncio.to_thread(worker.start)
    try:
        await asyncio.to_thread(_wait, worker)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            yield http
    finally:
        await asyncio.to_thread(worker.stop)


def _wait(worker: Command) -> None:
    deadline = time.monotonic() + 60
    while not worker.is_healthy():
        if time.monotonic() > deadline or not worker.is_running():
            raise RuntimeError("the tile worker does not start")
        time.sleep(0.1)


async def _sample(database: Database, source_id: int, count: int) -> list[SlideRow]:
    """Indexed slides from all over the catalog, the same ones each time."""
    statement = text("""
        SELECT id, key, status, error, size, last_modified FROM slides WHERE source_id = :source AND status = 'indexed'
        ORDER BY md5(id) LIMIT :count
    """)
    rows = await database.rows(statement, {"source": source_id, "count": count})
    return [SlideRow(r.id, r.key, SlideStatus(r.status), r.error, r.size, r.last_modified) for r in rows]


def as_table(timings: Sequence[Timing]) -> str:
    """For people."""
    lines = [f"{'':44}{'p50':>10}{'p95':>10}{'target':>10}"]
    for t in timings:
        target = (
            "" if t.target_ms is None else f"{t.target_ms:>7.0f} ms" + ("" if t.p95_ms <= t.target_ms else " missed")
        )
        lines.append(f"{f'{t.pattern} ({t.via})':44}{t.p50_ms:>7.2f} ms{t.p95_ms:>7.2f} ms{target}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog_patterns", description=__doc__)
    parser.add_argument("--slides", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--database-url", help="an empty database, or one that holds the catalog of an earlier run")
    given = parser.parse_args()
    timings = asyncio.run(patterns(slides=given.slides, rounds=given.rounds, database_url=given.database_url))
    print(as_table(timings))


if __name__ == "__main__":
    main()
