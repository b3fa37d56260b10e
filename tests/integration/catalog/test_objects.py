"""Scans against the catalog: what is new, changed, missing, back again."""

from __future__ import annotations

from dataclasses import replace

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.slides.slide import SlideStatus, StoredObject


def listed(*keys: str, etag: str = '"1"') -> list[StoredObject]:
    return [StoredObject(key, etag, 10) for key in keys]


async def keys(catalog: Catalog) -> list[str]:
    return [row.key for row in (await catalog.listing.page(limit=100)).rows]


async def scan(catalog: Catalog, objects: list[StoredObject], *, force: bool = False) -> tuple[int, int]:
    result = await catalog.objects.reconcile(objects, after="", until=None)
    vanished = await catalog.objects.mark_vanished(list(result.missing.values()), force=force)
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
