"""The statements of lists. Only constants of this module are put into their text; what a client sends goes in as values.

A page is *walked* first: up to `WALKED` slides are read one by one along the index that has them in the page's order. What
is asked of them is either part of that index, so that each slide fits, or tested on each. Where that neither fills the page
nor reaches the list's end, what is looked for is rare, and the page is *sifted*: all slides that fit are fetched by the index
that finds them best, and sorted.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import TextClause, text

WALKED = 10_000
"""Slides that are read one by one for a page: 5 to 10 ms."""

# The indexes slides_by_… and slides_status_by_… have the same expressions.
_COLUMNS = {"key": "s.key", "modified": "COALESCE(s.last_modified, timestamptz 'epoch')", "size": "s.size"}
_CASTS = {"key": "text", "modified": "timestamptz", "size": "bigint"}

_LIVE = "s.source_id = :source AND s.vanished_at IS NULL"
_STATUS = "s.status = :status"
_PREFIX = "s.key >= :prefix AND s.key < :prefix_end"
# Keys compare by bytes, in which only ASCII has two cases. The index slides_search has the same expression.
_FOLDED = 'lower(s.key COLLATE "default")'
_FOUND = f"position(lower(:search) IN {_FOLDED}) > 0"
# The index has what begins at each character of a key: three characters, fewer at its end. So a needle of three or more is
# looked up by its runs of three (200 are enough), which need not stand side by side, and a shorter one as their beginning.
_INDEXED = rf"""
    wsi_search_lexemes({_FOLDED}) @@ (
        SELECT CAST(string_agg(
            '''' || replace(replace(substr(folded, i, 3), '\', '\\'), '''', '''''') ||
            CASE WHEN length(folded) < 3 THEN ''':*' ELSE '''' END, ' & ') AS tsquery)
        FROM (SELECT lower(:search) AS folded) AS needle,
             generate_series(1, least(greatest(length(folded) - 2, 1), 200)) AS i
    )
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Shape:
    """What a list is asked for, but for the values."""

    column: str
    """Of the order: key, modified or size."""

    descending: bool
    prefix: bool
    status: bool
    search: bool
    cursor: bool

    @property
    def order(self) -> str:
        """The list's, and its index's."""
        direction = "DESC" if self.descending else "ASC"
        return f"{_COLUMNS[self.column]} {direction}, s.key {direction}"

    @property
    def behind(self) -> str:
        """What comes after the cursor."""
        sign = "<" if self.descending else ">"
        cursor = f"(CAST(:cursor_value AS {_CASTS[self.column]}), CAST(:cursor_key AS text))"
        return f"({_COLUMNS[self.column]}, s.key) {sign} {cursor}" if self.cursor else "true"


def walk(shape: Shape) -> TextClause:
    """A page along the index of its order. Its last row's ``place`` is greater than `WALKED` where the page is neither full
    nor the list at its end: that row is none of the page's."""
    by_key = shape.column == "key"
    along = [_LIVE, shape.behind] + [_STATUS] * shape.status + [_PREFIX] * (shape.prefix and by_key)
    tested = [_FOUND] * shape.search + [_PREFIX] * (shape.prefix and not by_key)
    slides = f"SELECT s.*, 0 AS place FROM slides s WHERE {' AND '.join(along)} ORDER BY {shape.order} LIMIT :limit"  # noqa: S608
    if tested:
        # The outer LIMIT has no order of its own, that the planner may know how early the walk mostly ends.
        slides = f"""
            SELECT * FROM (
                SELECT s.*, row_number() OVER (ORDER BY {shape.order}) AS place
                FROM slides s WHERE {" AND ".join(along)} ORDER BY {shape.order} LIMIT {WALKED + 1}
            ) s WHERE {" AND ".join(tested)} OR s.place > {WALKED} LIMIT :limit
        """  # noqa: S608
    return _rows(slides, shape)


def sift(shape: Shape) -> TextClause:
    """A page out of all slides that fit."""
    found, tested = [_LIVE] + [_STATUS] * shape.status + [_PREFIX] * shape.prefix, [shape.behind]
    if shape.search:
        # By the search's index alone: on slides that another one found, the function would be called for each of them.
        found, tested = [_INDEXED], [_FOUND, *found, *tested]
    # OFFSET 0: else the planner may walk all slides in the page's order instead. It holds as MATERIALIZED does, but
    # keeps none of them.
    return _rows(
        f"""
            SELECT * FROM (SELECT s.*, 0 AS place FROM slides s WHERE {" AND ".join(found)} OFFSET 0) s
            WHERE {" AND ".join(tested)} ORDER BY {shape.order} LIMIT :limit
        """,  # noqa: S608
        shape,
    )


def _rows(slides: str, shape: Shape) -> TextClause:
    """What a list shows of some slides."""
    return text(f"""
        SELECT s.id, s.key, s.status, s.error, s.size, s.last_modified, s.place,
               v.format, v.width, v.height, v.mpp_x, v.hash
        FROM ({slides}) s
        LEFT JOIN LATERAL (
            SELECT * FROM versions WHERE slide_id = s.id AND recipe_version <= :recipe_version
            ORDER BY (etag = s.etag) DESC, recipe_version DESC, id DESC LIMIT 1
        ) v ON true
        ORDER BY {shape.order}
    """)  # noqa: S608


COUNTS = text("SELECT status, count(*) FROM slides WHERE source_id = :source AND vanished_at IS NULL GROUP BY status")
