"""Search against an oracle: what plain Python finds in the list of all keys, in every order and through all pages."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.listing import Sort
from wsi_streamer.catalog.migrate import migrate
from wsi_streamer.catalog.slides import SlideRow
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.slides.slide import SlideStatus, StoredObject

SORTS: tuple[Sort, ...] = ("key", "-key", "modified", "-modified", "size", "-size")
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def corpus(count: int = 9_000) -> list[StoredObject]:
    """Folders, dates, Japanese, both cases, and what SQL patterns and tsqueries give a meaning to."""
    pick = random.Random(3)
    keys = [
        *(f"a/{2019 + i % 7}/{i % 12:02}/Case-{i * 7919 % count:05}.svs" for i in range(count)),
        *(f"研究/病理部/症例{i}/スライド.svs" for i in range(300)),
        *(f"Zz-{'ABCDEFGH'[i % 8]}{i}.TIFF" for i in range(300)),
        "100%.svs", "a_b.svs", "a*b.svs", "it's.svs", "it''s.svs", "back\\slash.svs", "MÜLLER/ÄRZTE.svs", "q:*.svs",
        "a & b | !c.svs", "tab\tin.svs", "ctl\x01in.svs", "🔬.svs", "ab<->cd.svs", "x.svs", "\\.svs", "'.svs", "İı.svs",
    ]  # fmt: skip
    return [
        StoredObject(key, '"1"', pick.randrange(1, 500), BEGIN + timedelta(seconds=pick.randrange(5_000)))
        for key in keys
    ]


async def fill(catalog: Catalog, objects: list[StoredObject]) -> None:
    for start in range(0, len(objects), 1000):
        await catalog.objects.reconcile(objects[start : start + 1000], after="\U0010ffff", until="\U0010ffff")


def oracle(rows: list[SlideRow], needle: str, sort: Sort = "key", prefix: str = "") -> list[str]:
    found = [row for row in rows if needle.lower() in row.key.lower() and row.key.startswith(prefix)]
    rank: dict[str, Any] = {
        "key": lambda row: 0,
        "modified": lambda row: row.last_modified,
        "size": lambda row: row.size,
    }
    column = sort.removeprefix("-")
    ordered = sorted(found, key=lambda row: (rank[column](row), row.key.encode()), reverse=sort.startswith("-"))
    return [row.key for row in ordered]


async def every_page(catalog: Catalog, *, limit: int, **wanted: Any) -> list[str]:
    keys: list[str] = []
    cursor = None
    while True:
        page = await catalog.listing.page(limit=limit, cursor=cursor, **wanted)
        assert page.next_cursor is None or len(page.rows) == limit
        keys += [row.key for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return keys


async def all_rows(catalog: Catalog) -> list[SlideRow]:
    return (await catalog.listing.page(limit=1_000_000)).rows


NEEDLES = [
    "case-0012", "CASE", "2023/", "症例", "部", "スライド", "zz-", "Zz-a1", "%", "_", "a_b", "*", "'", "''", "t's", "\\",
    "k\\s", "müller", "ÄRZ", "q:*", ":*", "& b", "| !c", "<->", "🔬", "x", "xq", "nothing has this", "9999999", ".svs", "\t",
    "\x01", "l\x01i", "e-00123.svs", "z", "zz", "//", "/2025/11/case-", "a" * 500, "".join(map(chr, range(0x4E00, 0x6000))),
    "svs ", " ",
]  # fmt: skip


@pytest.mark.parametrize("walked", [1, 2_000, 10_000])  # sifted; some of each; walked
async def test_every_needle_finds_what_a_plain_search_of_all_keys_does_in_every_order(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    monkeypatch.setattr("wsi_streamer.catalog.list_statements.WALKED", walked)
    await fill(catalog, corpus())
    rows = await all_rows(catalog)
    assert len(rows) == 9_617
    for needle in NEEDLES:
        for sort in SORTS:
            expected = oracle(rows, needle, sort)
            page = await catalog.listing.page(limit=50, search=needle, sort=sort)
            assert [row.key for row in page.rows] == expected[:50], (needle, sort)
            assert (page.next_cursor is None) == (len(expected) <= 50)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("walked", [150, 10_000])
async def test_the_pages_of_a_search_are_all_of_it_with_prefix_and_status(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, walked: int, sort: Sort
) -> None:
    monkeypatch.setattr("wsi_streamer.catalog.list_statements.WALKED", walked)
    await fill(catalog, corpus())
    rows = await all_rows(catalog)
    for needle, prefix, limit in (("2023", "", 333), ("-0", "a/2024/", 100), ("症例1", "研究/病", 17), ("e", "Zz", 50)):
        expected = oracle(rows, needle, sort, prefix)
        assert expected
        assert await every_page(catalog, limit=limit, search=needle, prefix=prefix, sort=sort) == expected
    pending = await every_page(catalog, limit=500, search="2024", status=SlideStatus.PENDING, sort=sort)
    assert pending == oracle(rows, "2024", sort)
    assert await every_page(catalog, limit=500, search="2024", status=SlideStatus.FAILED, sort=sort) == []
    assert await every_page(catalog, limit=700, prefix="a/2022", sort=sort) == oracle(rows, "", sort, "a/2022")


async def test_what_changes_is_found_where_it_then_belongs(catalog: Catalog) -> None:
    await fill(catalog, corpus(2_000))
    old = StoredObject("moved/one.svs", '"1"', 1, BEGIN)
    await catalog.objects.observe(old)
    assert (await catalog.listing.page(limit=1, search="D/O", sort="size")).rows[0].key == old.key
    await catalog.objects.observe(StoredObject(old.key, '"2"', 10_000, BEGIN + timedelta(days=9)))
    for sort, place in (("size", -1), ("-size", 0), ("modified", -1), ("-modified", 0)):
        page = await catalog.listing.page(limit=5_000, search="s", sort=sort)  # type: ignore[arg-type]
        assert page.rows[place].key == old.key
        assert [row.key for row in page.rows].count(old.key) == 1


@pytest.mark.parametrize("walked", [0, 10_000])
async def test_what_vanishes_is_found_no_more_until_it_is_back(
    catalog: Catalog, database: Database, monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    monkeypatch.setattr("wsi_streamer.catalog.list_statements.WALKED", walked)
    objects = corpus(2_000)
    await fill(catalog, objects)
    [gone] = (await catalog.listing.page(limit=5, search="IT'S")).rows
    assert (await catalog.objects.mark_vanished([gone.id], grace=2, force=True)).marked == 1
    assert (await catalog.listing.page(limit=5, search="IT'S")).rows == []
    await catalog.objects.observe(StoredObject(gone.key, '"1"', 7, BEGIN))
    assert [row.id for row in (await catalog.listing.page(limit=5, search="IT'S")).rows] == [gone.id]
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM slides WHERE id = :id"), {"id": gone.id})
    await catalog.objects.observe(StoredObject(gone.key, '"1"', 8, BEGIN))
    assert [row.key for row in (await catalog.listing.page(limit=5, search="IT'S")).rows] == [gone.key]


@pytest.mark.parametrize("walked", [0, 10_000])
async def test_two_sources_are_searched_apart(
    catalog: Catalog, database: Database, monkeypatch: pytest.MonkeyPatch, walked: int
) -> None:
    monkeypatch.setattr("wsi_streamer.catalog.list_statements.WALKED", walked)
    other = Catalog(database, await ensure_source(database, "http://s3", "other", ""))
    await catalog.objects.observe(StoredObject("here.svs", '"1"', 1))
    await other.objects.observe(StoredObject("there.svs", '"1"', 1))
    assert [row.key for row in (await catalog.listing.page(limit=5, search="here")).rows] == ["here.svs"]
    assert [row.key for row in (await other.listing.page(limit=5, search="HERE")).rows] == ["there.svs"]
    assert (await other.listing.page(limit=5, search="svs")).rows == (await other.listing.page(limit=5)).rows


async def test_slides_of_an_older_release_are_found_after_the_migration(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wsi_streamer.catalog.list_statements.WALKED", 1_000)
    database = await Database.connect(empty_database_url)
    await migrate(database, to="0002")
    catalog = Catalog(database, await ensure_source(database, "http://s3", "bucket", ""))
    await fill(catalog, corpus(5_000))
    [gone] = (await catalog.listing.page(limit=1)).rows
    await catalog.objects.mark_vanished([gone.id], grace=2, force=True)
    await migrate(database)
    await catalog.objects.observe(StoredObject("later.svs", '"1"', 1))
    rows = await all_rows(catalog)
    assert gone.key not in {row.key for row in rows}
    for sort in SORTS:
        for needle in ("case-00", "later", "部", "2021"):
            assert await every_page(catalog, limit=200, search=needle, sort=sort) == oracle(rows, needle, sort)
    await database.aclose()
