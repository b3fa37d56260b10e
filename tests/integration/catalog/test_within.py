"""Lists that are confined to what one may see: the same pages as of the whole list, but for what is outside."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.benchmarks.catalog_generator import RARE, generate
from tests.benchmarks.catalog_queries import SORTS
from tests.integration.catalog.test_plans import Explaining
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.cursors import write_cursor
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.list_statements import MERGED
from wsi_streamer.catalog.listing import ListQueries
from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.catalog.within import Within
from wsi_streamer.slides.errors import InvalidRequest
from wsi_streamer.slides.slide import SlideStatus

SLIDES = 20_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A catalog, and all of it."""

    lists: ListQueries
    explaining: Explaining
    rows: Sequence[SlideRow]


@pytest.fixture
async def filled(catalog: Catalog, database: Database) -> Filled:
    await generate(database, catalog.source_id, SLIDES)
    rows = (await catalog.listing.page(limit=SLIDES)).rows
    explaining = Explaining.of(database)
    return Filled(ListQueries(explaining, catalog.source_id), explaining, rows)


def scopes(rows: Sequence[SlideRow]) -> dict[str, Within]:
    ids = frozenset(row.id for row in rows[:: SLIDES // 40])
    return {
        "one prefix": Within(("pathology/2015/",)),
        "several prefixes": Within(("Scanner-A/", "pathology/2015/", "研究/", "pathology/2015/03/", "none such/")),
        "slides": Within((), ids),
        "both": Within(("Scanner-A/", "Zoo/"), ids),
        "many prefixes": Within(tuple(row.key[:-6] for row in rows[:: SLIDES // (2 * MERGED)])),
        "many and slides": Within(tuple(row.key[:-6] for row in rows[:: SLIDES // (2 * MERGED)]), ids),
        "no such slides": Within(("none/",), frozenset({"s-" + "7" * 24})),
    }


def holds(within: Within, row: SlideRow) -> bool:
    return row.id in within.slide_ids or (bool(within.prefixes) and row.key.startswith(within.prefixes))


_ORDERS: dict[str, Callable[[SlideRow], Any]] = {
    "key": lambda row: row.key.encode(),
    "modified": lambda row: (row.last_modified, row.key.encode()),
    "size": lambda row: (row.size, row.key.encode()),
}


def expected(rows: Sequence[SlideRow], within: Within, wanted: dict[str, Any]) -> list[str]:
    found = [
        row
        for row in rows
        if holds(within, row)
        and row.key.startswith(wanted.get("prefix", ""))
        and wanted.get("search", "").lower() in row.key.lower()
        and wanted.get("status", row.status) == row.status
    ]
    sort = wanted["sort"]
    found.sort(key=_ORDERS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return [row.id for row in found]


WANTED: tuple[dict[str, Any], ...] = (
    {},
    {"status": SlideStatus.FAILED},
    {"search": "2015"},
    {"search": RARE},
    {"search": "he-", "status": SlideStatus.INDEXED},
    {"prefix": "pathology/"},
    {"prefix": "pathology/2015/03/2"},
    {"prefix": "Zo", "search": "svs"},
    {"prefix": "outside/"},
)


async def test_pages_are_those_of_the_whole_list_without_what_is_outside(filled: Filled) -> None:
    pick = random.Random(4)
    for name, within in scopes(filled.rows).items():
        for wanted in WANTED:
            for sort in SORTS:
                asked = {**wanted, "sort": sort}
                all_ids = expected(filled.rows, within, asked)
                opaque = pick.random() < 0.5
                got: list[str] = []
                cursor = None
                for _ in range(3):
                    page = await filled.lists.page(limit=40, cursor=cursor, within=within, opaque=opaque, **asked)
                    got += [row.id for row in page.rows]
                    cursor = page.next_cursor
                    if cursor is None:
                        break
                assert got == all_ids[:120], (name, asked)
                assert (cursor is None) == (len(all_ids) <= 120), (name, asked)
                for plan in filled.explaining.plans:
                    assert "Seq Scan on slides" not in plan, (name, asked, plan)
                filled.explaining.plans.clear()


async def test_one_prefix_is_asked_for_as_a_viewer_asks_for_it(filled: Filled) -> None:
    statements: list[list[str]] = []
    for wanted in (
        {"prefix": "pathology/2015/"},
        {"within": Within(("pathology/2015/",))},
        {"within": Within(("pathology/2015/", "pathology/2015/0"))},
        {"within": Within(("pathology/",)), "prefix": "pathology/2015/"},
        {"within": Within(("pathology/2015/",)), "prefix": "path"},
    ):
        assert len((await filled.lists.page(limit=50, **wanted)).rows) == 50  # type: ignore[arg-type]
        [plan] = filled.explaining.plans
        statements.append(re.findall(r"(Index .*?)(?: \(actual.*)?$", plan, re.MULTILINE))
        filled.explaining.plans.clear()
    assert statements == [statements[0]] * 5
    assert "Index Cond" in str(statements[0])


async def test_what_lies_apart_is_an_empty_page_without_a_query(filled: Filled) -> None:
    for within in (Within(), Within(("a/", "b/")), Within(("\0",)), Within(("\ud800",))):
        page = await filled.lists.page(limit=50, within=within, prefix="pathology/")
        assert (page.rows, page.next_cursor) == ([], None)
    assert filled.explaining.plans == []
    assert (await filled.lists.page(limit=50, within=Within(("\0",)))).rows == []


async def test_several_prefixes_are_walked_together_and_no_further_than_the_page(filled: Filled) -> None:
    within = Within(("Scanner-A/", "pathology/2015/", "研究/"))
    for wanted in ({}, {"search": "2015"}):
        await filled.lists.page(limit=50, within=within, **wanted)  # type: ignore[arg-type]
        [plan] = filled.explaining.plans
        assert "Merge Append" in plan, plan
        read = sum(int(n) for n in re.findall(r"Scan.* on slides s.*actual rows=(\d+)", plan))
        assert read < 1_500, plan
        filled.explaining.plans.clear()


async def test_an_opaque_cursor_holds_no_key_and_is_no_way_to_find_one(filled: Filled) -> None:
    within = Within(("pathology/2015/",))
    for sort in SORTS:
        page = await filled.lists.page(limit=5, within=within, sort=sort, opaque=True)
        assert page.next_cursor is not None
        told = base64.urlsafe_b64decode(page.next_cursor + "==").decode()
        assert json.loads(told) == [sort.removeprefix("-"), page.rows[-1].id]
        column = sort.removeprefix("-")
        outside = next(row for row in filled.rows if not row.key.startswith("pathology/2015/"))
        for forged in (
            write_cursor(page.rows[-1], column),
            _cursor([column, outside.id]),
            _cursor([column, "s-" + "7" * 24]),
            _cursor([column, "pathology/2015/"]),
            _cursor(["other", page.rows[-1].id]),
            _cursor([column, page.rows[-1].id, ""]),
            _cursor(column),
            "[" * 50_000,
            base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        ):
            with pytest.raises(InvalidRequest):
                await filled.lists.page(limit=5, within=within, sort=sort, opaque=True, cursor=forged)


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
