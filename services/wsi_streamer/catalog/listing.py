"""Lists of slides, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from wsi_streamer.catalog import list_statements as sql
from wsi_streamer.catalog.cursors import (
    BAD_CURSOR,
    Cursor,
    cursor_at,
    read_cursor,
    read_opaque_cursor,
    write_cursor,
    write_opaque_cursor,
)
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.lately import Lately
from wsi_streamer.catalog.slides import SlideRow, slide_row
from wsi_streamer.catalog.stored_text import after_prefix, clean
from wsi_streamer.catalog.within import Within
from wsi_streamer.slides.errors import InvalidRequest
from wsi_streamer.slides.recipe import RECIPE_VERSION
from wsi_streamer.slides.slide import SlideStatus

Sort = Literal["key", "-key", "modified", "-modified", "size", "-size"]


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
        within: Within | None = None,
        opaque: bool = False,
    ) -> SlidePage:
        """Up to ``limit`` slides behind ``cursor``; ``search`` is a case-insensitive substring of the key.

        However many slides there are, a page takes up to 15 ms where what is looked for is frequent (it fills the page
        among the next 10,000 slides) or rare. What many slides have, but all of them late in the order, is sorted as a
        whole: 0.5 to 1 µs for each slide that a search finds, whatever else is asked, so half a second for half a million.

        Args:
            within: show no other slides; None: all. One prefix costs nothing; several, or slides by id, are looked up by
                their indexes while the order is that of keys, else tested one by one as a prefix is.
            opaque: cursors hold no key, for those who are not to know any, nor to find one out by trying. Only slides in
                ``within`` are taken for a cursor then.

        Raises:
            InvalidRequest: a cursor that this list did not give out.
        """
        column = sort.removeprefix("-")
        prefix, search = clean(prefix), clean(search)
        values: dict[str, Any] = {"source": self._source, "recipe_version": RECIPE_VERSION, "limit": limit + 1}
        inside = None if within is None or "" in within.prefixes else within.under(prefix)
        if inside is not None and not inside.slide_ids:
            if not inside.prefixes:
                return SlidePage([], None)
            if len(inside.prefixes) == 1:
                [prefix], inside = inside.prefixes, None
        if prefix:
            values |= {"prefix": prefix, "prefix_end": after_prefix(prefix)}
        if inside is not None:
            values |= _bounds(inside)
        if search:
            values["search"] = search
        if status is not None:
            values["status"] = str(status)
        if cursor is not None:
            at = await self._cursor(cursor, column, within) if opaque else read_cursor(cursor, column)
            values |= {"cursor_value": at.value, "cursor_key": at.key}
        shape = sql.Shape(
            column,
            descending=sort.startswith("-"),
            prefix=bool(prefix),
            status=status is not None,
            search=bool(search),
            cursor=cursor is not None,
            ranges=0 if inside is None else len(inside.prefixes),
            ids=inside is not None and bool(inside.slide_ids),
        )
        found = [] if shape.fetched else await self._database.rows(sql.walk(shape), values)
        if shape.fetched or (found and found[-1].place > sql.WALKED):
            found = await self._database.rows(sql.sift(shape), values)
        rows = [slide_row(row) for row in found]
        more = len(rows) > limit
        write = write_opaque_cursor if opaque else write_cursor
        return SlidePage(rows[:limit], write(rows[limit - 1], column) if more else None)

    async def counts(self, *, lately: bool = False) -> dict[SlideStatus, int]:
        """Slides by status; every status has a count. It takes a tenth of a second in a million slides; ``lately`` will
        have the last count again for some seconds."""
        return await (self._counts.get() if lately else self._counts.anew())

    async def refusals(self, limit: int = 20) -> list[SlideRow]:
        """Slides that can't be served, with their reasons."""
        failed = (await self.page(limit=limit, status=SlideStatus.FAILED)).rows
        return failed + (await self.page(limit=limit, status=SlideStatus.UNSUPPORTED)).rows

    async def _cursor(self, cursor: str, column: str, within: Within | None) -> Cursor:
        """Where an opaque cursor stands. What is not in the list is no cursor of it: else a page would tell between which
        slides another one lies."""
        slide_id = read_opaque_cursor(cursor, column)
        rows = await self._database.rows(sql.KEY_OF, {"source": self._source, "id": slide_id})
        if not rows or not (within is None or slide_id in within.slide_ids or rows[0].key.startswith(within.prefixes)):
            raise InvalidRequest(BAD_CURSOR)
        return cursor_at(rows[0], column)

    async def _count(self) -> dict[SlideStatus, int]:
        found = {row[0]: row[1] for row in await self._database.rows(sql.COUNTS, {"source": self._source})}
        return {status: found.get(str(status), 0) for status in SlideStatus}


def _bounds(inside: Within) -> dict[str, Any]:
    """Values of the statements of a confined list."""
    lows = list(inside.prefixes)
    highs = [after_prefix(low) for low in lows]
    values: dict[str, Any] = {}
    if inside.slide_ids:
        values["ids"] = sorted(inside.slide_ids)
    if len(lows) > sql.MERGED:
        return values | {"lows": lows, "highs": highs}
    for i, (low, high) in enumerate(zip(lows, highs, strict=True)):
        values |= {f"low{i}": low, f"high{i}": high}
    return values
