"""Scans against the catalog: what is new, changed, missing, back again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlalchemy import event

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.objects import PageResult
from wsi_streamer.slides.slide import SlideStatus, StoredObject


def listed(*keys: str, etag: str = '"1"') -> list[StoredObject]:
    return [StoredObject(key, etag, 10) for key in keys]


async def keys(catalog: Catalog) -> list[str]:
    return [row.key for row in (await catalog.listing.page(limit=100)).rows]


async def scan(catalog: Catalog, objects: list[StoredObject], *, force: bool = False) -> tuple[int, int]:
    result = await catalog.objects.reconcile(objects, after="", until=None)
    vanished = await catalog.objects.mark_vanished(list(result.missing.values()), grace=2, force=force)
    return vanished.marked, vanished.held_back


async def test_new_changed_and_unchanged_are_told_apart_and_other_files_ignored(catalog: Catalog) -> None:
    first = await catalog.objects.reconcile(listed("a.svs", "b.svs", "readme.txt"), after="", until=None)
    assert (first.new, first.changed, first.missing) == (["a.svs", "b.svs"], [], {})
    again = await catalog.objects.reconcile(listed("a.svs", "b.svs", "readme.txt"), after="", until=None)
    assert (again.new, again.changed, again.missing) == ([], [], {})
    objects = [*listed("a.svs"), *listed("b.svs", etag='"2"'), replace(listed("c.svs")[0], size=5)]
    third = await catalog.objects.reconcile(objects, after="", until=None)
    assert (third.new, third.changed) == (["c.svs"], ["b.svs"])


async def test_missing_is_judged_within_a_pages_range_of_keys_only(catalog: Catalog) -> None:
    await catalog.objects.reconcile(listed("a.svs", "b.svs", "c.svs", "d.svs"), after="", until=None)
    result = await catalog.objects.reconcile(listed("a.svs"), after="", until="b.svs")
    assert len(result.missing) == 1
    result = await catalog.objects.reconcile([], after="b.svs", until=None)
    assert len(result.missing) == 2


async def test_a_slide_vanishes_only_after_two_scans_and_comes_back_with_its_id(catalog: Catalog) -> None:
    await scan(catalog, listed("a.svs", "b.svs", "c.svs"))
    slide_id = (await catalog.listing.page(limit=1)).rows[0].id
    assert await scan(catalog, listed("b.svs", "c.svs")) == (0, 0)
    assert await scan(catalog, listed("a.svs", "b.svs", "c.svs")) == (0, 0)
    assert await scan(catalog, listed("b.svs", "c.svs")) == (0, 0)
    assert await keys(catalog) == ["a.svs", "b.svs", "c.svs"]
    assert await scan(catalog, listed("b.svs", "c.svs")) == (1, 0)
    assert await keys(catalog) == ["b.svs", "c.svs"]
    assert await catalog.slides.open("a.svs") is None
    result = await catalog.objects.reconcile(listed("a.svs", "b.svs", "c.svs"), after="", until=None)
    assert result.changed == ["a.svs"]
    assert (await catalog.listing.page(limit=1)).rows[0].id == slide_id


async def test_more_than_half_never_vanish_at_once_without_force(catalog: Catalog) -> None:
    await scan(catalog, listed("a.svs", "b.svs", "c.svs", "d.svs"))
    assert await scan(catalog, listed("a.svs")) == (0, 0)
    assert await scan(catalog, listed("a.svs")) == (0, 3)
    assert await scan(catalog, []) == (0, 3)
    assert len(await keys(catalog)) == 4
    assert await scan(catalog, listed("a.svs"), force=True) == (3, 0)
    assert await keys(catalog) == ["a.svs"]


async def test_archived_objects_are_listed_with_the_reason_and_indexed_once_restored(catalog: Catalog) -> None:
    glacier = [replace(o, storage_class="DEEP_ARCHIVE") for o in listed("a.svs")]
    assert (await catalog.objects.reconcile(glacier, after="", until=None)).new == []
    row = (await catalog.listing.page(limit=1)).rows[0]
    assert row.status is SlideStatus.ARCHIVED
    assert "restore" in (row.error or "")
    assert (await catalog.objects.reconcile(listed("a.svs"), after="", until=None)).changed == ["a.svs"]
    assert (await catalog.listing.page(limit=1)).rows[0].status is SlideStatus.PENDING


async def test_a_page_of_unchanged_objects_is_one_statement_and_a_new_one_few(
    catalog: Catalog, database: Database
) -> None:
    statements: list[str] = []

    @event.listens_for(database.engine.sync_engine, "after_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    page = listed(*(f"{i:04}.svs" for i in range(900)), *(f"{i:04}.txt" for i in range(100)))
    page.sort(key=lambda stored: stored.key)
    first = await catalog.objects.reconcile(page, after="", until=page[-1].key)
    assert len(first.new) == 900
    assert len(statements) <= 3  # the first is the transaction's ping
    statements.clear()
    assert await catalog.objects.reconcile(page, after="", until=page[-1].key) == PageResult()
    assert len(statements) == 2


async def test_keys_that_no_slide_can_have_are_passed_over(catalog: Catalog) -> None:
    result = await catalog.objects.reconcile(listed("a\0.svs", "b\ud800.svs", "c.svs"), after="", until=None)
    assert result.new == ["c.svs"]


async def test_a_listing_out_of_order_finds_each_object_all_the_same(catalog: Catalog) -> None:
    await catalog.objects.reconcile(listed("a.svs", "b.svs", "z.svs"), after="", until=None)
    result = await catalog.objects.reconcile(listed("z.svs", "a.svs"), after="", until="a.svs")
    assert result == PageResult()


async def test_what_has_vanished_is_missed_no_more(catalog: Catalog) -> None:
    await scan(catalog, listed("a.svs", "b.svs", "c.svs"))
    await scan(catalog, listed("b.svs", "c.svs"), force=True)
    result = await catalog.objects.reconcile(listed("b.svs", "c.svs"), after="", until=None)
    assert result.missing == {}


async def test_two_writers_of_the_same_page_end_with_one_catalog(catalog: Catalog, database: Database) -> None:
    page = listed(*(f"{i:03}.svs" for i in range(300)))
    again = Catalog(database, catalog.source_id)
    await asyncio.gather(
        catalog.objects.reconcile(page, after="", until=None),
        again.objects.reconcile(page[::-1], after="", until=None),
        *(again.objects.observe(stored) for stored in page[100:110]),
    )
    assert len((await catalog.listing.page(limit=1000)).rows) == 300
    assert await catalog.objects.reconcile(page, after="", until=None) == PageResult()
