"""What the indexer writes of a slide: a version with all its levels in one transaction, or why there is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.geometry import geometry_json
from wsi_streamer.catalog.stored_text import clean
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import RECIPE_VERSION
from wsi_streamer.slides.slide import ParsedSlide, SlideStatus, StoredObject
from wsi_streamer.slides.tile_table import TileTable

MAX_ERROR_CHARACTERS = 1_000

_DROP_OTHERS = text("DELETE FROM versions WHERE slide_id = :slide AND (etag <> :etag OR hash = :hash)")

_INSERT_VERSION = text("""
    INSERT INTO versions (slide_id, hash, recipe_version, etag, objects, format, width, height, mpp_x, mpp_y, objective,
                          scanner, acquired, icc_profile, properties)
    VALUES (:slide, :hash, :recipe_version, :etag, CAST(:objects AS jsonb), :format, :width, :height, :mpp_x, :mpp_y,
            :objective, :scanner, :acquired, :icc_profile, CAST(:properties AS jsonb))
    RETURNING id
""")

_INSERT_LEVEL = text("""
    INSERT INTO levels (version_id, number, tiles_x, tiles_y, ranges, geometry, recipe, offsets, counts, data)
    VALUES (:version, :number, :tiles_x, :tiles_y, :ranges, CAST(:geometry AS jsonb), CAST(:recipe AS jsonb), :offsets,
            :counts, :data)
    ON CONFLICT (version_id, number) DO UPDATE
    SET tiles_x = excluded.tiles_x, tiles_y = excluded.tiles_y, geometry = excluded.geometry, recipe = excluded.recipe,
        offsets = excluded.offsets, counts = excluded.counts, data = excluded.data
""")

_INSERT_ASSOCIATED = text("""
    INSERT INTO associated_images (version_id, name, geometry, recipe, offsets, counts)
    VALUES (:version, :name, CAST(:geometry AS jsonb), CAST(:recipe AS jsonb), :offsets, :counts)
    ON CONFLICT DO NOTHING
""")

# Held until the end, so that two indexers at the same slide write one after the other; only while the object is still
# the one that was read.
_LOCK = text("SELECT 1 FROM slides WHERE id = :slide AND etag = :etag FOR UPDATE")

_SET_STATUS = text("""
    UPDATE slides SET status = :status, error = :error, changed_xid = pg_current_xact_id() WHERE id = :slide
""")

# What is served as it was stays so.
_GIVE_UP = text("""
    UPDATE slides SET status = 'failed', error = :error, changed_xid = pg_current_xact_id()
    WHERE source_id = :source AND key = :key AND vanished_at IS NULL AND status IN ('pending', 'failed')
    RETURNING id
""")

_PUT_OFF = text("""
    UPDATE slides SET error = :error, changed_xid = pg_current_xact_id()
    WHERE source_id = :source AND key = :key AND vanished_at IS NULL AND status = 'pending'
    RETURNING id
""")

_TOUCH = text(
    "UPDATE slides SET changed_xid = pg_current_xact_id() WHERE id = (SELECT slide_id FROM versions WHERE id = :v)"
)
_SLIDE_OF = text("SELECT slide_id FROM versions WHERE id = :v FOR UPDATE")
_NOTIFY = text("SELECT pg_notify('wsi_slides', :payload)")
_REFUSED_VERSIONS = text("DELETE FROM versions WHERE slide_id = :slide AND (etag <> :etag OR :drop_all)")


def version_hash(etags: Sequence[str], recipe_version: int = RECIPE_VERSION) -> str:
    """16 hex digits that change when a pixel may."""
    return hashlib.sha256("\0".join([str(recipe_version), *etags]).encode()).hexdigest()[:16]


class StoreQueries:
    """Writes of the indexer."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source = source_id

    async def indexed(self, slide_id: str, stored: StoredObject, parsed: ParsedSlide) -> str | None:
        """Store what was parsed; returns the version. Versions of other etags are dropped: they can't be read.

        None, and nothing is stored, where the catalog knows of another object under the key by now.
        """
        version = version_hash([stored.etag])
        async with self._database.transaction() as connection:
            if not await _lock(connection, slide_id, stored):
                return None
            await connection.execute(_DROP_OTHERS, {"slide": slide_id, "etag": stored.etag, "hash": version})
            values = _version_values(slide_id, version, stored, parsed)
            version_id = (await connection.execute(_INSERT_VERSION, values)).scalar_one()
            for level, table in zip(parsed.levels, parsed.tables, strict=True):
                await connection.execute(_INSERT_LEVEL, _level_values(version_id, level.index, level, table, None))
            for image in parsed.associated_images:
                values = _table_values(version_id, image.level, image.table) | {"name": clean(image.name)}
                await connection.execute(_INSERT_ASSOCIATED, values)
            await self._set_status(connection, slide_id, SlideStatus.INDEXED, None)
        return version

    async def refused(self, slide_id: str, stored: StoredObject, status: SlideStatus, error: str) -> bool:
        """Store why a slide can't be served. False where the catalog knows of another object under the key by now."""
        error = clean(error)[:MAX_ERROR_CHARACTERS]
        async with self._database.transaction() as connection:
            if not await _lock(connection, slide_id, stored):
                return False
            drop = {"slide": slide_id, "etag": stored.etag, "drop_all": status is not SlideStatus.FAILED}
            await connection.execute(_REFUSED_VERSIONS, drop)
            await self._set_status(connection, slide_id, status, error)
        return True

    async def gave_up(self, key: str, error: str) -> None:
        """Store why a slide that waits for its index is not tried again."""
        await self._tell(_GIVE_UP, key, error)

    async def put_off(self, key: str, error: str) -> None:
        """Store why a slide that waits for its index goes on waiting: the next scan or request has it tried again."""
        await self._tell(_PUT_OFF, key, error)

    async def _tell(self, statement: Executable, key: str, error: str) -> None:
        values = {"source": self._source, "key": key, "error": clean(error)[:MAX_ERROR_CHARACTERS]}
        async with self._database.transaction() as connection:
            for slide_id in (await connection.execute(statement, values)).scalars():
                await connection.execute(_NOTIFY, {"payload": f"{self._source}:{slide_id}"})

    async def overview(self, version_id: int, level: Level, table: TileTable, data: bytes) -> bool:
        """Store a level that the indexer made; False where the version has been dropped meanwhile."""
        async with self._database.transaction() as connection:
            slide_id = (await connection.execute(_SLIDE_OF, {"v": version_id})).scalar_one_or_none()
            if slide_id is None:
                return False
            await connection.execute(_INSERT_LEVEL, _level_values(version_id, ~level.index, level, table, data))
            await connection.execute(_TOUCH, {"v": version_id})
            await connection.execute(_NOTIFY, {"payload": f"{self._source}:{slide_id}"})
        return True

    async def _set_status(
        self, connection: AsyncConnection, slide_id: str, status: SlideStatus, error: str | None
    ) -> None:
        values = {"slide": slide_id, "status": str(status), "error": error}
        await connection.execute(_SET_STATUS, values)
        await connection.execute(_NOTIFY, {"payload": f"{self._source}:{slide_id}"})


async def _lock(connection: AsyncConnection, slide_id: str, stored: StoredObject) -> bool:
    values = {"slide": slide_id, "etag": stored.etag}
    return (await connection.execute(_LOCK, values)).one_or_none() is not None


def _version_values(slide_id: str, version: str, stored: StoredObject, parsed: ParsedSlide) -> dict[str, Any]:
    properties = {clean(name): clean(value) for name, value in parsed.properties.items()}
    return {
        "slide": slide_id,
        "hash": version,
        "recipe_version": RECIPE_VERSION,
        "etag": stored.etag,
        "objects": json.dumps([{"key": stored.key, "etag": stored.etag, "size": stored.size}]),
        "format": parsed.format,
        "width": parsed.levels[0].width,
        "height": parsed.levels[0].height,
        "mpp_x": parsed.mpp_x,
        "mpp_y": parsed.mpp_y,
        "objective": parsed.objective,
        "scanner": None if parsed.scanner is None else clean(parsed.scanner),
        "acquired": None if parsed.acquired is None else clean(parsed.acquired),
        "icc_profile": parsed.icc_profile,
        "properties": json.dumps(properties),
    }


def _table_values(version_id: int, level: Level, table: TileTable) -> dict[str, Any]:
    return {
        "version": version_id,
        "geometry": json.dumps(geometry_json(level)),
        "recipe": json.dumps(level.recipe.to_json()),
        "offsets": table.offsets,
        "counts": table.counts,
    }


def _level_values(version_id: int, number: int, level: Level, table: TileTable, data: bytes | None) -> dict[str, Any]:
    return _table_values(version_id, level, table) | {
        "number": number,
        "tiles_x": level.tiles_x,
        "tiles_y": level.tiles_y,
        "ranges": level.ranges,
        "data": data,
    }
