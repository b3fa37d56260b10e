"""What Postgres does for a list: never a scan of all slides, whatever is asked."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Executable, text

from tests.benchmarks.catalog_generator import generate, large_slides
from tests.benchmarks.catalog_queries import PAGES
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
                assert "Seq Scan on search_entries" not in plan, (name, wanted, plan)
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


async def test_a_search_that_finds_enough_looks_at_no_more_stripes(catalog: Catalog, explaining: Explaining) -> None:
    lists = ListQueries(explaining, catalog.source_id)
    assert len((await lists.page(limit=50, search="svs")).rows) == 50
    [plan] = explaining.plans
    assert "Incremental Sort" in plan, plan  # else all stripes would be read before the first row


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
