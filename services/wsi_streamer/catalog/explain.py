"""All that the catalog knows of a slide: why it is served as it is, or isn't."""

from __future__ import annotations

import struct
from typing import Any

from sqlalchemy import text

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.geometry import level_from_json
from wsi_streamer.catalog.stored_text import clean
from wsi_streamer.slides.ids import is_slide_id
from wsi_streamer.slides.recipe import Recipe

_SLIDE = text("""
    SELECT id, key, etag, size, last_modified, status, error, missed_scans, vanished_at FROM slides
    WHERE source_id = :source AND (CASE WHEN :by_id THEN id = :ref ELSE key = :ref END)
""")
_VERSIONS = text("""
    SELECT id, hash, recipe_version, etag, format, width, height, mpp_x, mpp_y, objective, scanner, acquired, icc_profile,
           properties, created_at
    FROM versions WHERE slide_id = :slide ORDER BY id DESC
""")
_LEVELS = text("""
    SELECT number, geometry, recipe, counts FROM levels WHERE version_id = :version ORDER BY number
""")
_ASSOCIATED = text("""
    SELECT name, geometry, recipe, counts FROM associated_images WHERE version_id = :version ORDER BY name
""")


class ExplainQueries:
    """Reads for people who ask why. Tables are read whole here: never on a request of a viewer."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source = source_id

    async def slide(self, ref: str) -> dict[str, Any] | None:
        """By opaque id or key; None where it is unknown."""
        async with self._database.transaction() as connection:
            values = {"source": self._source, "ref": clean(ref), "by_id": is_slide_id(ref)}
            slide = (await connection.execute(_SLIDE, values)).one_or_none()
            if slide is None:
                return None
            versions = []
            for row in (await connection.execute(_VERSIONS, {"slide": slide.id})).all():
                found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to a dict
                version = {"version": found.pop("id")}
                found["levels"] = [_level(level) for level in (await connection.execute(_LEVELS, version)).all()]
                images = (await connection.execute(_ASSOCIATED, version)).all()
                found["associated_images"] = [{"name": image.name, **_level(image)} for image in images]
                versions.append(found)
        return {**dict(slide._mapping), "versions": versions}  # noqa: SLF001


def _level(row: Any) -> dict[str, Any]:
    level = level_from_json(row.geometry, row.recipe)
    counts = struct.unpack(f"<{len(row.counts) // 4}I", row.counts)  # of a million tiles in no time
    return {
        "level": level.index,
        "width": level.width,
        "height": level.height,
        "tile_width": level.tile_width,
        "tile_height": level.tile_height,
        "downsample": level.downsample,
        "tiles": len(counts),
        "sparse_tiles": counts.count(0),
        "sparse_shows": level.sparse,
        "bytes": sum(counts),
        "recipe": _recipe(level.recipe),
    }


def _recipe(recipe: Recipe) -> dict[str, Any]:
    shown = {name: value for name, value in recipe.to_json().items() if name not in ("tables", "palette")}
    return shown | {"tables_bytes": len(recipe.tables)}
