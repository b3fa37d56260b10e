"""What a tile worker asks: one slide, a slice of a tile table, an overview's bytes, what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.geometry import level_from_json
from wsi_streamer.catalog.stored_text import is_clean
from wsi_streamer.slides.ids import is_slide_id
from wsi_streamer.slides.recipe import RECIPE_VERSION
from wsi_streamer.slides.slide import AssociatedImage, Slide, SlideStatus, StoredObject
from wsi_streamer.slides.tile_table import SLICE_TILES, TileTable

MAX_CHANGES = 10_000

MAX_IMAGE_TILES = 65_536
"""Tiles or strips of an associated image whose table is read: they have a hundred."""


@dataclass(frozen=True, slots=True)
class TileAt:
    """A tile of a stored level."""

    level: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class SlideRow:
    """A slide as a list shows it; geometry is None until it is indexed."""

    id: str
    key: str
    status: SlideStatus
    error: str | None
    size: int
    last_modified: datetime | None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    mpp_x: float | None = None
    version: str | None = None
    objective: float | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """All that one query finds of a slide."""

    row: SlideRow
    slide: Slide | None
    """None until a version this release understands is stored; present while a newer object is still pending."""

    table: TileTable | None
    """The slice of the tile table that was asked for."""


_NO_TILE = TileAt(-(2**31), 0, 0)

# The version of the object that is there now comes first; then the newest recipe this release understands.
_OPEN = """
    SELECT s.id, s.key, s.status, s.error, s.size, s.last_modified,
           v.id AS version_id, v.hash, v.format, v.width, v.height, v.mpp_x, v.mpp_y, v.objective, v.scanner, v.acquired,
           v.icc_profile, v.properties, v.objects, l.levels, a.associated, t.first, t.offsets, t.counts
    FROM slides s
    LEFT JOIN LATERAL (
        SELECT * FROM versions
        WHERE slide_id = s.id AND recipe_version <= :recipe_version
        ORDER BY (etag = s.etag) DESC, recipe_version DESC, id DESC LIMIT 1
    ) v ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(number, geometry, recipe) ORDER BY number) AS levels
        FROM levels WHERE version_id = v.id
    ) l ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(name ORDER BY name) AS associated FROM associated_images WHERE version_id = v.id
    ) a ON true
    LEFT JOIN LATERAL (
        SELECT e.first, substring(offsets FROM CAST(e.first * 8 + 1 AS integer) FOR {slice} * 8) AS offsets,
               substring(counts FROM CAST(e.first * 4 + 1 AS integer) FOR {slice} * 4) AS counts
        FROM levels,
             LATERAL (SELECT (CAST(:y AS bigint) * tiles_x + CAST(:x AS bigint)) * ranges / {slice} * {slice} AS first) e
        WHERE version_id = v.id AND number = :level
          AND CAST(:x AS bigint) < tiles_x AND CAST(:y AS bigint) < tiles_y
    ) t ON true
    WHERE s.vanished_at IS NULL AND {where}
"""
_OPEN_BY_KEY = text(_OPEN.format(slice=SLICE_TILES, where="s.source_id = :source AND s.key = :ref"))
_OPEN_BY_ID = text(_OPEN.format(slice=SLICE_TILES, where="s.source_id = :source AND s.id = :ref"))

_SLICE = text(f"""
    SELECT substring(offsets FROM CAST(:first AS integer) * 8 + 1 FOR {SLICE_TILES} * 8) AS offsets,
           substring(counts FROM CAST(:first AS integer) * 4 + 1 FOR {SLICE_TILES} * 4) AS counts
    FROM levels WHERE version_id = :version AND number = :number
""")  # noqa: S608 - a constant

_OVERVIEW_BYTES = text("""
    SELECT substring(data FROM CAST(:start AS integer) + 1 FOR CAST(:length AS integer)) FROM levels WHERE version_id = :version AND number = :number
""")

_ASSOCIATED = text(f"""
    SELECT geometry, recipe, CASE WHEN fits THEN offsets END AS offsets, CASE WHEN fits THEN counts END AS counts
    FROM (
        SELECT *, octet_length(counts) <= {MAX_IMAGE_TILES * 4} AS fits FROM associated_images
        WHERE version_id = :version AND name = :name
    ) image
""")  # noqa: S608 - a constant

_CURSOR = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
# A dump that was restored into a new server holds transactions of the old one's future. In order, which only the index
# has: else the planner, who does not know that next to nothing has changed, would rather read all slides at each poll.
_CHANGES = text("""
    SELECT id FROM slides WHERE source_id = :source AND changed_xid >= CAST(CAST(:since AS text) AS xid8)
    AND changed_xid < pg_snapshot_xmax(pg_current_snapshot()) ORDER BY changed_xid LIMIT :limit
""")


class SlideQueries:
    """Reads; the hot path's one query is `open`."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source = source_id

    async def open(self, ref: str, at: TileAt | None = None) -> Opened | None:
        """A slide by opaque id or key, with the slice of the tile table that holds tile ``at``; one round trip.

        None: unknown, or vanished from the bucket. A tile that does not exist brings no slice.
        """
        if not is_clean(ref):
            return None
        query = _OPEN_BY_ID if is_slide_id(ref) else _OPEN_BY_KEY
        if at is None or not (0 <= at.level < 2**31 and 0 <= at.x < 2**31 and 0 <= at.y < 2**31):
            at = _NO_TILE
        values = {
            "source": self._source,
            "ref": ref,
            "recipe_version": RECIPE_VERSION,
            "level": at.level,
            "x": at.x,
            "y": at.y,
        }
        rows = await self._database.rows(query, values)
        if not rows:
            return None
        row = rows[0]
        table = None if row.first is None else TileTable(bytes(row.offsets), bytes(row.counts), first=row.first)
        return Opened(slide_row(row), _slide(row), table)

    async def table_slice(self, version_id: int, number: int, first: int) -> TileTable:
        """`SLICE_TILES` entries of a level's tile table from entry ``first``; overviews have the numbers -1 and down.

        Empty where the version has been dropped meanwhile.
        """
        values = {"version": version_id, "number": number, "first": first}
        rows = await self._database.rows(_SLICE, values)
        return TileTable(bytes(rows[0].offsets), bytes(rows[0].counts), first) if rows else TileTable(b"", b"", first)

    async def overview_bytes(self, version_id: int, overview: int, start: int, length: int) -> bytes:
        """``length`` bytes of an overview's packed tiles; empty where the version has been dropped meanwhile."""
        values = {"version": version_id, "number": ~overview, "start": start, "length": length}
        rows = await self._database.rows(_OVERVIEW_BYTES, values)
        return bytes(rows[0][0] or b"") if rows else b""

    async def associated_image(self, version_id: int, name: str) -> AssociatedImage | None:
        """Where an associated image stands, with all of its table; one round trip. The table is empty where it has more
        than `MAX_IMAGE_TILES` entries. None: there is no such image, or the version has been dropped meanwhile."""
        rows = await self._database.rows(_ASSOCIATED, {"version": version_id, "name": name})
        if not rows:
            return None
        row = rows[0]
        table = TileTable(bytes(row.offsets or b""), bytes(row.counts or b""))
        return AssociatedImage(name, level_from_json(row.geometry, row.recipe), table)

    async def changes(self, since: str | None) -> tuple[str, list[str]]:
        """A cursor, and the ids of the slides that changed since an earlier one; the empty id stands for any slide.

        Transactions commit in another order than they begin in, so the cursor is the oldest one still running: a
        change may be told twice, never not at all.
        """
        cursor = str((await self._database.rows(_CURSOR))[0][0])
        if since is None:
            return cursor, []
        values = {"source": self._source, "since": since, "limit": MAX_CHANGES}
        ids = [row.id for row in await self._database.rows(_CHANGES, values)]
        return cursor, [""] if len(ids) == MAX_CHANGES else ids


def slide_row(row: Row[Any]) -> SlideRow:
    return SlideRow(
        id=row.id,
        key=row.key,
        status=SlideStatus(row.status),
        error=row.error,
        size=row.size,
        last_modified=row.last_modified,
        format=row.format,
        width=row.width,
        height=row.height,
        mpp_x=row.mpp_x,
        version=row.hash,
        objective=row.objective,
    )


def _slide(row: Row[Any]) -> Slide | None:
    if row.version_id is None:
        return None
    levels = [(number, level_from_json(geometry, recipe)) for number, geometry, recipe in row.levels]
    return Slide(
        id=row.id,
        key=row.key,
        version=row.hash,
        version_id=row.version_id,
        format=row.format,
        objects=tuple(StoredObject(o["key"], o["etag"], o["size"]) for o in row.objects),
        levels=tuple(level for number, level in levels if number >= 0),
        overviews=tuple(level for number, level in reversed(levels) if number < 0),
        mpp_x=row.mpp_x,
        mpp_y=row.mpp_y,
        objective=row.objective,
        scanner=row.scanner,
        acquired=row.acquired,
        icc_profile=row.icc_profile,
        properties=row.properties,
        associated_images=tuple(row.associated or ()),
    )
