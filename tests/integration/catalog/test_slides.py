"""Storing slides and finding them, on a real Postgres."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.slides import TileAt
from wsi_streamer.catalog.sources import ensure_source
from wsi_streamer.slides.errors import InvalidRequest
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe
from wsi_streamer.slides.slide import AssociatedImage, ParsedSlide, SlideStatus, StoredObject
from wsi_streamer.slides.tile_table import SLICE_TILES, ByteRange, TileTable
from wsi_streamer.tiles.parameters import decode_ref

RECIPE = Recipe("jpeg", "rgb", 3, passthrough=True, tables=b"\xff\xdb\x00", mark_rgb=True)


def stored(key: str = "a.svs", etag: str = '"1"', size: int = 100) -> StoredObject:
    return StoredObject(key, etag, size, datetime(2026, 1, 2, tzinfo=UTC))


def parsed(width: int = 1000, height: int = 800, tile: int = 256) -> ParsedSlide:
    levels = (
        Level(0, width, height, tile, tile, 1.0, RECIPE),
        Level(1, width // 4, height // 4, tile, tile, 4.0, RECIPE, sparse="finer"),
    )
    tables = tuple(TileTable.pack((1000 + 10 * i, 10 + i % 7) for i in range(level.entries)) for level in levels)
    label = AssociatedImage("label", Level(0, 50, 40, 50, 16, 1.0, RECIPE), TileTable.pack([(1, 2), (3, 4), (5, 6)]))
    return ParsedSlide(
        "Aperio SVS",
        levels,
        tables,
        mpp_x=0.5,
        mpp_y=0.5,
        objective=20,
        properties={"a\0b": "c\ud800"},
        associated_images=(label,),
    )


async def add(catalog: Catalog, obj: StoredObject, slide: ParsedSlide) -> str:
    slide_id = await catalog.objects.observe(obj)
    await catalog.store.indexed(slide_id, obj, slide)
    return slide_id


async def test_a_slide_is_found_by_key_and_by_id_with_the_slice_of_the_wanted_tile(catalog: Catalog) -> None:
    slide_id = await add(catalog, stored(), parsed())
    for ref in ("a.svs", slide_id):
        opened = await catalog.slides.open(ref, TileAt(0, 3, 2))
        assert opened is not None
        assert opened.slide is not None
        assert opened.table is not None
        assert opened.row.status is SlideStatus.INDEXED
        slide = opened.slide
        assert (slide.id, slide.key, slide.width, slide.mpp_x, slide.associated_images) == (
            slide_id, "a.svs", 1000, 0.5, ("label",),
        )  # fmt: skip
        assert slide.levels == parsed().levels
        assert slide.objects[0].etag == '"1"'
        assert opened.table.range_at(slide.level(0).entry(3, 2)) == ByteRange(1000 + 110, 10 + 11 % 7)


async def test_a_tile_that_does_not_exist_brings_no_slice_but_the_slide(catalog: Catalog) -> None:
    await add(catalog, stored(), parsed())
    for at in (TileAt(0, 4, 0), TileAt(9, 0, 0), TileAt(2**40, 0, 0), TileAt(0, 9_999_999_999, 9_999_999_999)):
        opened = await catalog.slides.open("a.svs", at)
        assert opened is not None
        assert opened.slide is not None
        assert opened.table is None


async def test_tables_are_read_in_slices_and_opening_does_not_depend_on_their_size(catalog: Catalog) -> None:
    await add(catalog, stored("small.svs"), parsed())
    await add(catalog, stored("huge.svs"), parsed(256_000, 256_000))
    durations = {}
    for key in ("small.svs", "huge.svs"):
        await catalog.slides.open(key, TileAt(0, 1, 1))
        began = time.perf_counter()
        for i in range(50):
            opened = await catalog.slides.open(key, TileAt(0, i % 3, i % 3))
        durations[key] = time.perf_counter() - began
        assert opened is not None
        assert opened.slide is not None
        assert opened.table is not None
    assert durations["huge.svs"] < 5 * durations["small.svs"]
    level = opened.slide.level(0)
    entry = level.entry(500, 777)
    table = await catalog.slides.table_slice(opened.slide.version_id, 0, entry // SLICE_TILES * SLICE_TILES)
    assert len(table) == SLICE_TILES
    assert table.range_at(entry) == ByteRange(1000 + 10 * entry, 10 + entry % 7)


async def test_a_replaced_object_keeps_its_id_and_gets_a_new_version(catalog: Catalog) -> None:
    slide_id = await add(catalog, stored(etag='"1"'), parsed())
    first = await catalog.slides.open("a.svs")
    assert await catalog.objects.observe(stored(etag='"2"')) == slide_id
    while_pending = await catalog.slides.open("a.svs")
    assert while_pending is not None
    assert while_pending.row.status is SlideStatus.PENDING
    assert while_pending.slide is not None
    await catalog.store.indexed(slide_id, stored(etag='"2"'), parsed(500, 500))
    second = await catalog.slides.open("a.svs")
    assert first is not None and second is not None  # noqa: PT018
    assert first.slide is not None and second.slide is not None  # noqa: PT018
    assert first.slide.version != second.slide.version
    assert second.slide.width == 500
    assert len(await catalog.slides.table_slice(first.slide.version_id, 0, 0)) == 0


async def test_a_result_for_an_older_object_does_not_claim_the_newer_one(catalog: Catalog) -> None:
    slide_id = await catalog.objects.observe(stored(etag='"1"'))
    await catalog.objects.observe(stored(etag='"2"'))
    await catalog.store.indexed(slide_id, stored(etag='"1"'), parsed())
    opened = await catalog.slides.open("a.svs")
    assert opened is not None
    assert opened.row.status is SlideStatus.PENDING


async def test_a_refusal_keeps_its_reason(catalog: Catalog) -> None:
    slide_id = await catalog.objects.observe(stored("b.ndpi"))
    await catalog.store.refused(
        slide_id, stored("b.ndpi"), SlideStatus.UNSUPPORTED, "Hamamatsu NDPI is not served yet.\0"
    )
    opened = await catalog.slides.open("b.ndpi")
    assert opened is not None
    assert opened.slide is None
    assert (opened.row.status, opened.row.error) == (SlideStatus.UNSUPPORTED, "Hamamatsu NDPI is not served yet.")
    assert (await catalog.listing.counts())[SlideStatus.UNSUPPORTED] == 1
    assert [row.key for row in await catalog.listing.refusals()] == ["b.ndpi"]


async def test_two_sources_in_one_database_never_mix(database: Database, catalog: Catalog) -> None:
    other = Catalog(database, await ensure_source(database, "http://s3", "other", ""))
    slide_id = await add(catalog, stored(), parsed())
    assert await other.slides.open("a.svs") is None
    assert await other.slides.open(slide_id) is None
    assert (await other.listing.page(limit=10)).rows == []
    assert await ensure_source(database, "http://s3", "bucket", "") == catalog.source_id


async def test_lists_go_through_all_slides_in_every_order(catalog: Catalog) -> None:
    keys = ["B/2.svs", "a/1.svs", "a/2.svs", "a_b%.svs", "病理/一.svs", "🔬.svs", "ä.svs"]
    for i, key in enumerate(keys):
        await catalog.objects.observe(StoredObject(key, '"1"', i % 3, datetime(2026, 1, 1 + i % 2, tzinfo=UTC)))
    for sort in ("key", "-key", "modified", "-modified", "size", "-size"):
        seen: list[str] = []
        cursor = None
        while True:
            page = await catalog.listing.page(limit=2, cursor=cursor, sort=sort)  # type: ignore[arg-type]
            seen += [row.key for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(seen) == sorted(keys), sort
        if sort == "key":
            assert seen == sorted(keys, key=str.encode)
    assert [r.key for r in (await catalog.listing.page(limit=9, prefix="a/")).rows] == ["a/1.svs", "a/2.svs"]
    assert [r.key for r in (await catalog.listing.page(limit=9, prefix="a_")).rows] == ["a_b%.svs"]
    assert [r.key for r in (await catalog.listing.page(limit=9, search="B")).rows] == ["B/2.svs", "a_b%.svs"]
    assert [r.key for r in (await catalog.listing.page(limit=9, search="%")).rows] == ["a_b%.svs"]
    assert (await catalog.listing.page(limit=9, status=SlideStatus.INDEXED)).rows == []


@pytest.mark.parametrize("cursor", ["x", "", "bm9uZQ", "WyJrZXkiLCAxLCAyXQ", "%%%", "é", "WyJzaXplIiwgIngiLCAiYSJd"])
async def test_a_cursor_that_is_not_ours_is_refused(catalog: Catalog, cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        await catalog.listing.page(limit=10, cursor=cursor)


async def test_changes_are_told_once_a_transaction_commits_even_out_of_order(
    catalog: Catalog, database: Database
) -> None:
    from sqlalchemy import text

    cursor, changed = await catalog.slides.changes(None)
    assert changed == []
    first = await catalog.objects.observe(stored("a.svs"))
    async with database.engine.connect() as slow:
        transaction = await slow.begin()
        await slow.execute(text("UPDATE slides SET changed_xid = pg_current_xact_id() WHERE id = :id"), {"id": first})
        second = await catalog.objects.observe(stored("b.svs"))
        cursor, changed = await catalog.slides.changes(cursor)
        assert set(changed) == {first, second}
        await transaction.commit()
    cursor, changed = await catalog.slides.changes(cursor)
    assert first in changed
    cursor, changed = await catalog.slides.changes(cursor)
    assert changed == []


async def test_overviews_come_with_the_slide_coarsest_last_and_their_bytes_by_range(catalog: Catalog) -> None:
    await add(catalog, stored(), parsed())
    opened = await catalog.slides.open("a.svs")
    assert opened is not None
    assert opened.slide is not None
    version_id = opened.slide.version_id
    for index in range(2):
        level = Level(index, 100, 80, 256, 256, 10.0 * 8**index, RECIPE)
        assert await catalog.store.overview(version_id, level, TileTable.pack([(0, 5)]), b"01234")
    opened = await catalog.slides.open("a.svs")
    assert opened is not None
    assert opened.slide is not None
    assert [level.downsample for level in opened.slide.overviews] == [10.0, 80.0]
    assert await catalog.slides.overview_bytes(version_id, 1, 1, 3) == b"123"
    assert len(await catalog.slides.table_slice(version_id, ~1, 0)) == 1
    assert not await catalog.store.overview(10**9, level, TileTable.pack([]), b"")


async def test_explain_tells_recipe_and_sparse_tiles(catalog: Catalog) -> None:
    slide = parsed()
    table = TileTable.pack((0, 0) if i == 1 else (10, 5) for i in range(slide.levels[0].entries))
    await add(
        catalog,
        stored(),
        ParsedSlide("X", slide.levels, (table, slide.tables[1]), associated_images=slide.associated_images),
    )
    found = await catalog.explain.slide("a.svs")
    assert found is not None
    level = found["versions"][0]["levels"][0]
    assert (level["sparse_tiles"], level["tiles"], level["recipe"]["codec"]) == (1, 16, "jpeg")
    opened = await catalog.slides.open("a.svs")
    assert opened is not None
    assert opened.slide is not None
    label = await catalog.slides.associated_image(opened.slide.version_id, "label")
    assert label is not None
    assert (label.table.range_at(2), label.level) == (ByteRange(5, 6), slide.associated_images[0].level)
    assert await catalog.slides.associated_image(opened.slide.version_id, "macro") is None
    assert found["versions"][0]["associated_images"][0]["name"] == "label"
    assert await catalog.explain.slide("unknown.svs") is None


async def test_odd_keys_survive(catalog: Catalog) -> None:
    from tests.support.odd_keys import ODD_KEYS

    for key in ODD_KEYS:
        await add(catalog, stored(key), parsed())
        opened = await catalog.slides.open(decode_ref(key.replace("%", "%25").encode()))
        assert opened is not None
        assert opened.row.key == key
    assert await catalog.slides.open("a\0b") is None


@pytest.mark.parametrize("ref", ["a\ud800.svs", "a" * 100_000, "病" * 5000, "s-" + "a" * 24, "", "%", "../x"])
async def test_names_that_no_slide_has_are_unknown_not_faults(catalog: Catalog, ref: str) -> None:
    assert await catalog.slides.open(ref, TileAt(0, 0, 0)) is None
    assert await catalog.explain.slide(ref) is None
    assert (await catalog.listing.page(limit=5, prefix=ref or "x", search=ref)).rows == []


@pytest.mark.parametrize("at", [TileAt(0, -1, 0), TileAt(-5, 0, 0), TileAt(0, 10**30, 10**30), TileAt(0, 2**62, 2**62)])
async def test_coordinates_beyond_every_number_type_bring_no_slice(catalog: Catalog, at: TileAt) -> None:
    await add(catalog, stored(), parsed())
    opened = await catalog.slides.open("a.svs", at)
    assert opened is not None
    assert opened.table is None


async def test_a_version_of_a_newer_release_is_left_to_those_who_understand_it(
    catalog: Catalog, database: Database
) -> None:
    from sqlalchemy import text

    await add(catalog, stored(), parsed())
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO versions (slide_id, hash, recipe_version, etag, objects, format, width, height, icc_profile, properties)"
                " SELECT slide_id, 'newer', 99, etag, objects, 'of tomorrow', 1, 1, false, '{}' FROM versions"
            )
        )
    opened = await catalog.slides.open("a.svs")
    assert opened is not None
    assert opened.slide is not None
    assert opened.slide.format == "Aperio SVS"
    [row] = (await catalog.listing.page(limit=5)).rows
    assert row.format == "Aperio SVS"


async def test_changes_after_a_restored_dump_are_told_once_not_at_every_poll(
    catalog: Catalog, database: Database
) -> None:
    from sqlalchemy import text

    slide_id = await add(catalog, stored(), parsed())
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE slides SET changed_xid = '999999999999'"))
    cursor, _ = await catalog.slides.changes(None)
    cursor, changed = await catalog.slides.changes(cursor)
    assert changed == []
    await catalog.objects.observe(stored(etag='"2"'))
    assert (await catalog.slides.changes(cursor))[1] == [slide_id]


async def test_search_finds_letters_beyond_ascii_in_either_case(catalog: Catalog) -> None:
    await catalog.objects.observe(stored("MÜLLER/ÄRZTE.svs"))
    assert len((await catalog.listing.page(limit=5, search="müller/ä")).rows) == 1


async def test_what_is_hostile_in_a_file_is_stored_without_what_postgres_refuses(catalog: Catalog) -> None:
    slide = parsed()
    label = slide.associated_images[0]
    await add(
        catalog,
        stored(),
        replace(slide, scanner="s\0\ud800", acquired="\0", associated_images=(replace(label, name="la\0bel"),)),
    )
    opened = await catalog.slides.open("a.svs")
    assert opened is not None
    assert opened.slide is not None
    assert (opened.slide.scanner, opened.slide.properties) == ("s?", {"ab": "c?"})
    assert opened.slide.associated_images == ("label",)
