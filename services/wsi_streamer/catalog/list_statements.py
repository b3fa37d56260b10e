"""The statements of lists. Only constants of this module are put into their text; what a client sends goes in as values.

A page is *walked* first: up to `WALKED` slides are read one by one along the index that has them in the page's order. What
is asked of them is either part of that index, so that each slide fits, or tested on each. Where that neither fills the page
nor reaches the list's end, what is looked for is rare, and the page is *sifted*: all slides that fit are fetched by the index
that finds them best, and sorted.

A list that is confined to several prefixes (*ranges*) or to slides by id is walked by key along all ranges at once, each on
the index of keys, merged; in another order the confinement is tested on each slide. Slides by id alone are just fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import TextClause, text

WALKED = 10_000
"""Slides that are read one by one for a page: 5 to 10 ms."""

MERGED = 32
"""Ranges that are walked at once while slides are searched. Of a list confined to more, slides are tested one by one."""

# The indexes slides_by_… and slides_status_by_… have the same expressions.
_COLUMNS = {"key": "s.key", "modified": "COALESCE(s.last_modified, timestamptz 'epoch')", "size": "s.size"}
_CASTS = {"key": "text", "modified": "timestamptz", "size": "bigint"}

_LIVE = "s.source_id = :source AND s.vanished_at IS NULL"
_STATUS = "s.status = :status"
_PREFIX = "s.key >= :prefix AND s.key < :prefix_end"
_IDS = "s.id = ANY(CAST(:ids AS text[]))"
_LOWS, _HIGHS = "CAST(:lows AS text[])", "CAST(:highs AS text[])"
_BOUNDS = f"unnest({_LOWS}, {_HIGHS}) AS bounds (low, high)"
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

    ranges: int = 0
    """Prefixes that it is confined to, disjoint and in order. Their bounds are ``low0``, ``high0`` and so on; ``lows`` and
    ``highs`` where there are more than `MERGED`."""

    ids: bool = False
    """Whether the slides ``ids`` are in it too. With neither ids nor ranges it is confined to nothing."""

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

    @property
    def confined(self) -> bool:
        """Whether it is confined to some slides."""
        return self.ranges > 0 or self.ids

    @property
    def fetched(self) -> bool:
        """Whether it is confined to slides that are just fetched: no walk is needed."""
        return self.ids and self.ranges == 0

    @property
    def within(self) -> str:
        """A test on a slide: it is one of those that the list is confined to."""
        tests = [self._in_range] * (self.ranges > 0) + [_IDS] * self.ids
        return f"({' OR '.join(tests)})"

    @property
    def _in_range(self) -> str:
        if self.ranges > MERGED:
            # The last range that begins at or before the key, by halving: to compare with each of 200 took 20 times as long.
            return f"COALESCE(s.key < ({_HIGHS})[width_bucket(s.key, {_LOWS})], false)"
        return "(" + " OR ".join(f"({_between(i)})" for i in range(self.ranges)) + ")"

    def sources(self, tests: Sequence[str], some: str = "") -> str:
        """All slides that it is confined to and that pass, each once, found by the indexes of keys and of ids; with ``some``
        (ORDER BY and LIMIT) only so many of each range."""
        passed = "".join(f" AND {test}" for test in tests)
        if self.ranges > MERGED:
            # OFFSET 0: each range is looked up by itself, however many there are.
            inner = f"SELECT s.* FROM slides s WHERE {_LIVE}{passed} AND s.key >= low AND s.key < high {some} OFFSET 0"  # noqa: S608
            found = [f"SELECT s.* FROM {_BOUNDS} CROSS JOIN LATERAL ({inner}) s"]  # noqa: S608
        else:
            ranges = [f"{_LIVE}{passed} AND {_between(i)}" for i in range(self.ranges)]
            found = [f"(SELECT s.* FROM slides s WHERE {tests} {some})" for tests in ranges]  # noqa: S608
        if self.ids:
            others = f" AND NOT {self._in_range}" if self.ranges else ""
            found.append(f"(SELECT s.* FROM slides s WHERE {_IDS} AND {_LIVE}{passed}{others} {some})")  # noqa: S608
        return " UNION ALL ".join(found)


def _between(i: int) -> str:
    return f"s.key >= :low{i} AND s.key < :high{i}"


def walk(shape: Shape) -> TextClause:
    """A page along the index of its order. Its last row's ``place`` is greater than `WALKED` where the page is neither full
    nor the list at its end: that row is none of the page's."""
    by_key = shape.column == "key"
    along = [_LIVE, shape.behind] + [_STATUS] * shape.status + [_PREFIX] * (shape.prefix and by_key)
    tested = [_FOUND] * shape.search + [_PREFIX] * (shape.prefix and not by_key)
    source = f"slides s WHERE {' AND '.join(along)}"
    if shape.confined and by_key and (shape.ranges <= MERGED or not tested):
        # Else the planner would sort all of each range: it merges what is in order, as far as the page needs.
        most = str(WALKED + 1) if tested else ":limit"
        source = f"({shape.sources(along[1:], f'ORDER BY {shape.order} LIMIT {most}')}) s"
    elif shape.confined:
        tested.append(shape.within)
    slides = f"SELECT s.*, 0 AS place FROM {source} ORDER BY {shape.order} LIMIT :limit"  # noqa: S608
    if tested:
        # The outer LIMIT has no order of its own, that the planner may know how early the walk mostly ends.
        slides = f"""
            SELECT * FROM (
                SELECT s.*, row_number() OVER (ORDER BY {shape.order}) AS place
                FROM {source} ORDER BY {shape.order} LIMIT {WALKED + 1}
            ) s WHERE {" AND ".join(tested)} OR s.place > {WALKED} LIMIT :limit
        """  # noqa: S608
    return _rows(slides, shape)


def sift(shape: Shape) -> TextClause:
    """A page out of all slides that fit."""
    found, tested = [_LIVE] + [_STATUS] * shape.status + [_PREFIX] * shape.prefix, [shape.behind]
    source = f"slides s WHERE {' AND '.join(found)}"
    if shape.fetched or (shape.confined and not shape.search):
        source = f"({shape.sources(found[1:])}) s"
        tested += [_FOUND] * shape.search
    elif shape.search:
        # By the search's index alone: on slides that another one found, the function would be called for each of them.
        source = f"slides s WHERE {_INDEXED}"
        tested = [_FOUND, *found, *tested] + [shape.within] * shape.confined
    # OFFSET 0: else the planner may walk all slides in the page's order instead. It holds as MATERIALIZED does, but
    # keeps none of them.
    return _rows(
        f"""
            SELECT * FROM (SELECT s.*, 0 AS place FROM {source} OFFSET 0) s
            WHERE {" AND ".join(tested)} ORDER BY {shape.order} LIMIT :limit
        """,  # noqa: S608
        shape,
    )


def _rows(slides: str, shape: Shape) -> TextClause:
    """What a list shows of some slides."""
    return text(f"""
        SELECT s.id, s.key, s.status, s.error, s.size, s.last_modified, s.place,
               v.format, v.width, v.height, v.mpp_x, v.objective, v.hash
        FROM ({slides}) s
        LEFT JOIN LATERAL (
            SELECT * FROM versions WHERE slide_id = s.id AND recipe_version <= :recipe_version
            ORDER BY (etag = s.etag) DESC, recipe_version DESC, id DESC LIMIT 1
        ) v ON true
        ORDER BY {shape.order}
    """)  # noqa: S608


KEY_OF = text("SELECT s.key, s.last_modified, s.size FROM slides s WHERE s.source_id = :source AND s.id = :id")

COUNTS = text("SELECT status, count(*) FROM slides WHERE source_id = :source AND vanished_at IS NULL GROUP BY status")
