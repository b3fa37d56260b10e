"""What is asked of a list at scale: each pattern makes other values each time, by chance but the same ones in each run."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.benchmarks.catalog_generator import RARE
from wsi_streamer.catalog.cursors import write_cursor
from wsi_streamer.catalog.listing import Sort
from wsi_streamer.catalog.slides import SlideRow

Wanted = dict[str, Any]
"""Arguments of `ListQueries.page` beside ``limit``; the HTTP API's have the same names."""

PageQuery = Callable[[random.Random, SlideRow], Wanted]
"""From any one slide of the catalog."""

SORTS: tuple[Sort, ...] = ("key", "-key", "modified", "-modified", "size", "-size")


def _piece(pick: random.Random, key: str, length: int) -> str:
    start = pick.randrange(max(1, len(key) - length))
    return key[start : start + length]


def _from(needles: list[str]) -> PageQuery:
    return lambda pick, _: {"search": pick.choice(needles), "sort": pick.choice(SORTS)}


def _behind(pick: random.Random, row: SlideRow) -> Wanted:
    sort = pick.choice(SORTS)
    return {"sort": sort, "cursor": write_cursor(row, sort.removeprefix("-"))}


PAGES: dict[str, PageQuery] = {
    "list, first page, any order": lambda pick, _: {"sort": pick.choice(SORTS)},
    "list, deep page, any order": _behind,
    "list, one status, any order": lambda pick, row: {
        **_behind(pick, row),
        "status": pick.choice(["indexed", "pending", "failed", "unsupported", "archived"]),
    },
    "list, a folder, by key": lambda _, row: {"prefix": row.key.rpartition("/")[0]},
    "list, a folder, any order": lambda pick, row: {"prefix": row.key.rpartition("/")[0], "sort": pick.choice(SORTS)},
    "search, part of one key": lambda pick, row: {"search": _piece(pick, row.key, 12), "sort": pick.choice(SORTS)},
    "search, a number": lambda pick, _: {"search": f"{pick.randrange(10**6):06}", "sort": pick.choice(SORTS)},
    "search, three slides": _from([RARE, RARE.lower(), "zoo/", "kka 5"]),
    "search, none": lambda pick, _: {"search": f"no such {pick.random()}", "sort": pick.choice(SORTS)},
    "search, none, of frequent parts": lambda pick, _: {
        "search": pick.choice(["svs/2012", "case-2025/", "pathology/2011", "img_9", "/00/"]), "sort": pick.choice(SORTS),
    },
    "search, nearly all": _from(["s", "svs", ".", "0", "20"]),
    "search, many, late in the order": lambda pick, _: {
        "search": pick.choice(["zeiss", "/2025/", "2024", "年", "van der", "scanner"]), "sort": pick.choice(SORTS),
    },
    "search, one character": lambda pick, row: {"search": _piece(pick, row.key, 1), "sort": pick.choice(SORTS)},
    "search, two characters": lambda pick, row: {"search": _piece(pick, row.key, 2), "sort": pick.choice(SORTS)},
    "search, two rare characters": _from(["zz", "qx", "~~", "ü2", "qu", "症病"]),
    "search, Japanese": _from(["症例", "病理部", "スライド9", "2019年", "例0012", "研究/病"]),
    "search, deep page, any order": lambda pick, row: {
        **_behind(pick, row), "search": pick.choice(["case-", "2019", "he-", "症例", "müller", "12", "svs", "-0"]),
    },
    "search in a folder": lambda pick, row: {
        "prefix": row.key.partition("/")[0], "search": _piece(pick, row.key, 4), "sort": pick.choice(SORTS),
    },
    "search in one status": lambda pick, row: {
        "search": _piece(pick, row.key, 4),
        "sort": pick.choice(SORTS),
        "status": pick.choice(["indexed", "pending", "failed", "unsupported", "archived"]),
    },
}  # fmt: skip
