"""Folders: each once, whatever keys look like, and none that a caller may not know."""

from __future__ import annotations

import pytest

from tests.support.odd_keys import ODD_KEYS
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.within import Within
from wsi_streamer.slides.slide import StoredObject

KEYS = [
    *ODD_KEYS,
    "a/1.svs", "a/b/2.svs", "a/b/c/3.svs", "a/b.svs", "a/b-c/4.svs", "a/b0/5.svs", "a0.svs", "ab/6.svs", "a.svs",
    "//7.svs", "/8.svs", "/x/9.svs", "a//10.svs", "a///11.svs", "100%/a b/#1.svs", "x.svs", "x.svs/inner.svs", "../b/12.svs",
    "\U0010ffff/13.svs", "\ud7ff/14.svs",
]  # fmt: skip


async def put(catalog: Catalog, keys: list[str]) -> dict[str, str]:
    for key in keys:
        await catalog.objects.observe(StoredObject(key, '"etag"', 1))
    return {row.key: row.id for row in (await catalog.listing.page(limit=1000)).rows}


def folders_of(keys: list[str], prefix: str) -> list[str]:
    """What is expected, by the definition."""
    under = [key[len(prefix) :] for key in keys if key.startswith(prefix) and "/" in key[len(prefix) :]]
    return sorted({prefix + rest[: rest.index("/") + 1] for rest in under}, key=str.encode)


async def test_every_level_of_any_keys(catalog: Catalog) -> None:
    await put(catalog, KEYS)
    seen: set[str] = set()
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        found = await catalog.folders.under(prefix, limit=1000)
        assert found == folders_of(KEYS, prefix), prefix
        seen.update(found)
        waiting += found
    assert seen == {key[: i + 1] for key in KEYS for i, sign in enumerate(key) if sign == "/"}
    assert await catalog.folders.under("a/b", limit=1000) == folders_of(KEYS, "a/b"), "a prefix needn't be a folder"
    assert await catalog.folders.under("none/", limit=1000) == []
    assert await catalog.folders.under("a\0", limit=1000) == []
    assert await catalog.folders.under("", limit=2) == folders_of(KEYS, "")[:2]


@pytest.mark.parametrize(
    "prefixes",
    [(), ("a/b/",), ("a/b",), ("a",), ("a/b/c/", "a/b0/", "x.svs/", "no/"), ("a/1", "ü/", "病"), ("a/", "a/b/")],
)
@pytest.mark.parametrize("slides", [(), ("a/b/c/3.svs", "100%/a b/#1.svs", "plain.svs")])
async def test_no_folder_of_slides_that_are_not_to_be_seen(
    prefixes: tuple[str, ...], slides: tuple[str, ...], catalog: Catalog
) -> None:
    ids = await put(catalog, KEYS)
    within = Within(prefixes, frozenset(ids[key] for key in slides))
    visible = [key for key in KEYS if (prefixes and key.startswith(prefixes)) or key in slides]
    for prefix in ("", "a/", "a/b/", "100%/", "deep/"):
        assert await catalog.folders.under(prefix, limit=1000, within=within) == folders_of(visible, prefix), prefix


async def test_a_folder_whose_slides_are_gone_is_gone(catalog: Catalog) -> None:
    ids = await put(catalog, ["kept/1.svs", "gone/1.svs"])
    await catalog.objects.mark_vanished([ids["gone/1.svs"]], grace=0, force=True)
    assert await catalog.folders.under("", limit=10) == ["kept/"]
