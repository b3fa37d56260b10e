"""Lists of slides, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from wsi_streamer.catalog import list_statements as sql
from wsi_streamer.catalog.cursors import Cursor, read_cursor, write_cursor
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.lately import Lately
from wsi_streamer.catalog.slides import SlideRow, slide_row
from wsi_streamer.catalog.stored_text import AFTER_ALL_KEYS, after_prefix, clean
from wsi_streamer.slides.recipe import RECIPE_VERSION
from wsi_streamer.slides.slide import SlideStatus

Sort = Literal["key", "-key", "modified", "-modified", "size", "-size"]

FEW = 10_000
"""Slides that are read and sorted for a page where no index has them in the page's order: about 10 ms."""

WALKED = 50_000
"""Slides of one status that are read one by one in the page's order, where a search is for them alone: 25 ms at most."""

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class SlidePage:
    """One page of a list."""

    rows: list[SlideRow]
    next_cursor: str | None


class ListQueries:
    """Lists and counts; slides that vanished from the bucket are in none."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source = source_id
        self._counts = Lately(self._count)

    async def page(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        prefix: str = "",
        search: str = "",
        status: SlideStatus | None = None,
        sort: Sort = "key",
    ) -> SlidePage:
        """Up to ``limit`` slides behind ``cursor``; ``search`` is a case-insensitive substring of the key.

        However many slides there are, a page takes some milliseconds. Only where two conditions are each true of many
        slides (more than `FEW`) but hardly ever of the same does it read on until it has found those.

        Raises:
            InvalidRequest: a cursor that this list did not give out.
        """
        descending, column = sort.startswith("-"), sort.removeprefix("-")
        prefix, search = clean(prefix), clean(search)
        at = None if cursor is None else read_cursor(cursor, column)
        values: dict[str, Any] = {"source": self._source}
        if prefix:
            values |= {"prefix": prefix, "prefix_end": after_prefix(prefix)}
        if status is not None:
            values["status"] = str(status)
        filters = {"prefix": bool(prefix), "status": status is not None}
        # Of what an index has in the page's order there may be any number.
        ordered = column == "key" or not prefix
        few = walked = False
        if not ordered or (search and status is not None):
            least = await self._count_few(values, filters, WALKED if ordered else FEW)
            walked, few = ordered and least <= WALKED, not ordered and least <= FEW
        if search:
            values["search"] = search
        by_stripes = bool(search) and not few and not walked
        if at is not None:
            values["cursor_key"] = at.key
            values |= {"cursor_rank": at.rank} if by_stripes else {"cursor_value": at.value}
        shape = filters | {"descending": descending, "cursor": at is not None}
        if by_stripes:
            query = sql.search(column, **shape)
            values |= {"sort": column} | _bounds(at, prefix if column == "key" else "", descending=descending)
        elif few:
            query = sql.sift(column, search=bool(search), **shape)
        else:
            query = sql.walk(column, search=bool(search), **shape)
        values |= {"recipe_version": RECIPE_VERSION, "limit": limit + 1}
        rows = [slide_row(row) for row in await self._database.rows(query, values)]
        more = len(rows) > limit
        return SlidePage(rows[:limit], write_cursor(rows[limit - 1], column) if more else None)

    async def counts(self, *, lately: bool = False) -> dict[SlideStatus, int]:
        """Slides by status; every status has a count. It takes a tenth of a second in a million slides; ``lately`` will
        have the last count again for some seconds."""
        return await (self._counts.get() if lately else self._counts.anew())

    async def refusals(self, limit: int = 20) -> list[SlideRow]:
        """Slides that can't be served, with their reasons."""
        failed = (await self.page(limit=limit, status=SlideStatus.FAILED)).rows
        return failed + (await self.page(limit=limit, status=SlideStatus.UNSUPPORTED)).rows

    async def _count(self) -> dict[SlideStatus, int]:
        found = {row[0]: row[1] for row in await self._database.rows(sql.COUNTS, {"source": self._source})}
        return {status: found.get(str(status), 0) for status in SlideStatus}

    async def _count_few(self, values: dict[str, Any], filters: dict[str, bool], most: int) -> int:
        [row] = await self._database.rows(sql.count_few(**filters), values | {"most": most})
        return int(row[0])


def _bounds(at: Cursor | None, prefix: str, *, descending: bool) -> dict[str, Any]:
    """Between which ranks and keys the rest of a search lies: no stripe beyond is looked at."""
    low, high = (_LOWEST, ""), (_HIGHEST, AFTER_ALL_KEYS)
    if prefix:
        low, high = (0, prefix), (0, after_prefix(prefix))
    if at is not None and descending:
        high = min(high, (at.rank, at.key))
    elif at is not None:
        low = max(low, (at.rank, at.key))
    return {"low_rank": low[0], "low_key": low[1], "high_rank": high[0], "high_key": high[1]}
