"""What Postgres does for a list: never a scan of all slides, whatever is asked."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Executable, text

from tests.benchmarks.catalog_generator import RARE, generate, large_slides
from tests.benchmarks.catalog_queries import PAGES, SORTS
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.listing import ListQueries
from wsi_streamer.catalog.slides import SlideQueries, TileAt
from wsi_streamer.slides.slide import SlideStatus
from wsi_streamer.slides.tile_table import SLICE_TILES

SLIDES = 20_000


class Explaining(Database):
    """Has each statement explained as well as run."""

    plans: list[str]

    @classmethod
    def of(cls, database: Database) -> Explaining:
        """On the same connections."""
        explaining = cls(database.engine)
        explaining.plans = []
        return explaining

    async def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """And keep the plan."""
        explained = await super().rows(text(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {statement}"), values)
        self.plans.append("\n".join(line for (line,) in explained))
        return await super().rows(statement, values)


@pytest.fixture
async def explaining(catalog: Catalog, database: Database) -> Explaining:
    """On a generated catalog."""
    await generate(database, catalog.source_id, SLIDES)
    return Explaining.of(database)


async def test_no_list_no_search_and_no_opening_scans_all_slides(catalog: Catalog, explaining: Explaining) -> None:
    rows = (await catalog.listing.page(limit=SLIDES)).rows
    lists = ListQueries(explaining, catalog.source_id)
    pick = random.Random(5)
    for name, query in PAGES.items():
        for row in pick.sample(rows, 6):
            wanted = query(pick, row)
            if "status" in wanted:
                wanted["status"] = SlideStatus(wanted["status"])
            await lists.page(limit=50, **wanted)
            for plan in explaining.plans:
                assert "Seq Scan on slides" not in plan, (name, wanted, plan)
                assert "Seq Scan on versions" not in plan, (name, wanted, plan)
            explaining.plans.clear()
    await lists.refusals()
    slides = SlideQueries(explaining, catalog.source_id)
    cursor, _ = await slides.changes(None)
    await slides.changes(cursor)
    await slides.open(rows[77].key, TileAt(0, 1, 1))
    await slides.open(rows[78].id, TileAt(0, 1, 1))
    for plan in explaining.plans:
        assert not re.search("Seq Scan on (slides|versions|levels)", plan), plan


async def test_a_search_that_soon_finds_enough_reads_no_further(catalog: Catalog, explaining: Explaining) -> None:
    lists = ListQueries(explaining, catalog.source_id)
    for sort in SORTS:
        assert len((await lists.page(limit=50, search="svs", sort=sort)).rows) == 50
        [plan] = explaining.plans
        walked = re.search(r"Index Scan.* on slides s.*actual rows=(\d+)", plan)
        assert walked is not None, plan
        assert int(walked[1]) < 500, plan
        explaining.plans.clear()


async def test_what_is_rare_is_looked_up_after_a_bounded_walk(catalog: Catalog, explaining: Explaining) -> None:
    lists = ListQueries(explaining, catalog.source_id)
    for sort in SORTS:
        assert len((await lists.page(limit=50, search=RARE, sort=sort)).rows) == 3
        walk, sift = explaining.plans
        assert "slides_search" not in walk
        assert re.search(r"Bitmap Index Scan on slides_search .*actual rows=3\b", sift), sift
        explaining.plans.clear()


async def test_a_walk_to_the_end_of_a_list_is_enough(catalog: Catalog, explaining: Explaining) -> None:
    lists = ListQueries(explaining, catalog.source_id)
    near_the_end = (await lists.page(limit=SLIDES - 1_000, search="s")).next_cursor
    explaining.plans.clear()
    assert (await lists.page(limit=50, search="no such", cursor=near_the_end)).rows == []
    assert len(explaining.plans) == 1


async def test_without_statistics_a_search_still_looks_up_its_index(catalog: Catalog, database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("ALTER TABLE slides SET (autovacuum_enabled = off)"))
        await connection.execute(
            text("""
                INSERT INTO slides (id, source_id, key, etag, size, status)
                SELECT 's-' || i, :source, format('%s/case-%s.svs', i % 7, i), '"1"', i, 'pending'
                FROM generate_series(1, 30000) AS i
            """),
            {"source": catalog.source_id},
        )
    explaining = Explaining.of(database)
    lists = ListQueries(explaining, catalog.source_id)
    for wanted in ({"prefix": "3/"}, {"status": SlideStatus.PENDING}, {}):
        for sort in SORTS:
            assert (await lists.page(limit=50, search="case-1234x", sort=sort, **wanted)).rows == []  # type: ignore[arg-type]
            if len(explaining.plans) > 1:
                assert "Bitmap Index Scan on slides_search" in explaining.plans[1]
            explaining.plans.clear()


async def test_a_slice_of_a_table_of_a_million_tiles_reads_no_more_than_the_slice(
    catalog: Catalog, explaining: Explaining, database: Database
) -> None:
    [slide_id, *_] = await large_slides(database, catalog.source_id)
    found = await SlideQueries(explaining, catalog.source_id).open(slide_id, TileAt(0, 999, 999))
    assert found is not None
    assert found.table is not None
    assert len(found.table) == 1_000_000 % SLICE_TILES
    assert found.table.range_at(999_999).offset == 1000 + 999_999 * 13_000
    [plan] = explaining.plans
    buffers = re.search(r"Buffers: shared hit=(\d+)(?: read=(\d+))?", plan)
    assert buffers is not None
    assert sum(int(n) for n in buffers.groups("0")) < 200, plan  # pages of 8 kB; the whole table has 1,500
