"""The statements of lists. Only constants of this module are put into their text; what a client sends goes in as values."""

from __future__ import annotations

from sqlalchemy import TextClause, text

# The indexes slides_by_… and slides_status_by_… have the same expressions.
COLUMNS = {"key": "s.key", "modified": "COALESCE(s.last_modified, timestamptz 'epoch')", "size": "s.size"}
_CASTS = {"key": "text", "modified": "timestamptz", "size": "bigint"}

_PREFIX = "s.key >= :prefix AND s.key < :prefix_end"
_STATUS = "s.status = :status"
# Keys compare by bytes, in which only ASCII has two cases.
_FOUND = 'position(lower(:search) IN lower(s.key COLLATE "default")) > 0'


def _rows(slides: str, order: str) -> str:
    """What a list shows of ``slides``, a table or subquery that is named s."""
    return f"""
        SELECT s.id, s.key, s.status, s.error, s.size, s.last_modified, v.format, v.width, v.height, v.mpp_x, v.hash
        FROM {slides}
        LEFT JOIN LATERAL (
            SELECT * FROM versions WHERE slide_id = s.id AND recipe_version <= :recipe_version
            ORDER BY (etag = s.etag) DESC, recipe_version DESC, id DESC LIMIT 1
        ) v ON true
        ORDER BY {order}
    """  # noqa: S608


def _order(column: str, descending: bool) -> str:
    direction = "DESC" if descending else "ASC"
    return f"{COLUMNS[column]} {direction}, s.key {direction}"


def _behind(column: str, descending: bool) -> str:
    sign = "<" if descending else ">"
    return f"({COLUMNS[column]}, s.key) {sign} (CAST(:cursor_value AS {_CASTS[column]}), CAST(:cursor_key AS text))"


def walk(column: str, *, descending: bool, prefix: bool, status: bool, search: bool, cursor: bool) -> TextClause:
    """A page along the index of its order, until it is full."""
    where = ["s.source_id = :source", "s.vanished_at IS NULL"]
    where += [_PREFIX] * prefix + [_STATUS] * status + [_FOUND] * search + [_behind(column, descending)] * cursor
    order = _order(column, descending)
    slides = f"(SELECT * FROM slides s WHERE {' AND '.join(where)} ORDER BY {order} LIMIT :limit) s"  # noqa: S608
    return text(_rows(slides, order))


def sift(column: str, *, descending: bool, prefix: bool, status: bool, search: bool, cursor: bool) -> TextClause:
    """A page out of few slides: all of them are read, and sorted."""
    where = ["s.source_id = :source", "s.vanished_at IS NULL"]
    where += [_PREFIX] * prefix + [_STATUS] * status + [_FOUND] * search
    behind = _behind(column, descending) if cursor else "true"
    order = _order(column, descending)
    # MATERIALIZED: else the planner may walk all slides in the page's order instead.
    few = f"WITH few AS MATERIALIZED (SELECT * FROM slides s WHERE {' AND '.join(where)})"  # noqa: S608
    return text(few + _rows(f"(SELECT * FROM few s WHERE {behind} ORDER BY {order} LIMIT :limit) s", order))  # noqa: S608


def search(column: str, *, descending: bool, prefix: bool, status: bool, cursor: bool) -> TextClause:
    """A page of a search, stripe by stripe until it is full (see the migration that made them)."""
    direction, sign = ("DESC", "<") if descending else ("ASC", ">")
    entry = ["true"] + ["f.key >= :prefix AND f.key < :prefix_end"] * prefix
    entry += [f"(f.rank, f.key) {sign} (CAST(:cursor_rank AS bigint), CAST(:cursor_key AS text))"] * cursor
    # Only the needle is asked of the index: the planner would have all keys of a prefix as well, once for each stripe.
    # Sorted before slides are looked up (OFFSET 0 holds the planner to it), so that no more of them are than the page
    # needs; the outer order is an incremental sort, which takes one stripe after the other.
    slides = f"""
        (SELECT s.* FROM search_stripes t CROSS JOIN LATERAL (
            WITH found AS MATERIALIZED (
                SELECT e.rank, e.key FROM search_entries e
                WHERE wsi_search_lexemes(e.stripe, e.folded)
                      @@ CAST(replace((SELECT query FROM needle), chr(1), to_hex(t.id) || ':') AS tsquery)
                AND position((SELECT folded FROM needle) IN e.folded) > 0
            )
            SELECT f.rank AS entry_rank, s.* FROM (
                SELECT * FROM found f WHERE {" AND ".join(entry)} ORDER BY rank {direction}, key {direction} OFFSET 0
            ) f CROSS JOIN LATERAL (
                SELECT * FROM slides s WHERE s.source_id = :source AND s.key = f.key AND s.vanished_at IS NULL
                {"AND " + _STATUS if status else ""} LIMIT 1
            ) s
            ORDER BY f.rank {direction}, f.key {direction} LIMIT :limit
        ) s
        WHERE t.source_id = :source AND t.sort = :sort
        AND (t.from_rank, t.from_key) >= (
            SELECT from_rank, from_key FROM search_stripes
            WHERE source_id = :source AND sort = :sort
            AND (from_rank, from_key) <= (CAST(:low_rank AS bigint), CAST(:low_key AS text))
            ORDER BY from_rank DESC, from_key DESC LIMIT 1)
        AND (t.from_rank, t.from_key) <= (CAST(:high_rank AS bigint), CAST(:high_key AS text))
        ORDER BY t.from_rank {direction}, t.from_key {direction}, s.entry_rank {direction}, s.key {direction} LIMIT :limit) s
    """  # noqa: S608
    needle = "WITH needle AS MATERIALIZED (SELECT lower(:search) AS folded, wsi_search_query(lower(:search)) AS query)"
    return text(needle + _rows(slides, _order(column, descending)))


def count_few(*, prefix: bool, status: bool) -> TextClause:
    """How many slides have a prefix and a status, counted no further than ``:most``."""
    where = ["s.source_id = :source", "s.vanished_at IS NULL"] + [_PREFIX] * prefix + [_STATUS] * status
    return text(f"SELECT count(*) FROM (SELECT FROM slides s WHERE {' AND '.join(where)} LIMIT :most + 1) s")  # noqa: S608


COUNTS = text("SELECT status, count(*) FROM slides WHERE source_id = :source AND vanished_at IS NULL GROUP BY status")
