"""Catalogs of any size, made inside Postgres: what a scan and an indexer would have left there, without their work."""

from __future__ import annotations

import json

from sqlalchemy import text

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.geometry import geometry_json
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import RECIPE_VERSION, Recipe

LARGE_SLIDES = 5
"""Slides with a table of a million tiles, in the middle of the catalog."""

LARGE_SIDE = 256_000
"""Pixels a side of those: 1,000 x 1,000 tiles of 256."""

RARE = "Quokka"
"""In the keys of three slides."""

_RECIPE = Recipe("jpeg", "rgb", 3, passthrough=True, tables=bytes(289), mark_rgb=True)
_SMALL = (Level(0, 2048, 2048, 256, 256, 1.0, _RECIPE), Level(1, 512, 512, 256, 256, 4.0, _RECIPE))

# Four habits of naming: folders by date, a Japanese archive, folders by device, and names typed by hand. Numbers are
# scattered by a multiplication, so that the same catalog comes out each time. Years rise with the number: what was
# uploaded together lies together in time, as in a real bucket.
_SLIDES = text("""
    INSERT INTO slides (id, source_id, key, etag, size, last_modified, status, error)
    SELECT 's-' || substr(translate(md5('slide' || i), '0189', 'wxyz'), 1, 24), :source, key, '"' || md5(key) || '"',
           50000000 + (r % 4000000) * 1000, timestamptz '2012-01-01' + make_interval(secs => i * (4.3e8 / CAST(:slides AS bigint)) + r % 9000),
           CASE WHEN i % 100 < 94 THEN 'indexed' WHEN i % 100 < 97 THEN 'pending' WHEN i % 100 < 98 THEN 'failed'
                WHEN i % 100 < 99 THEN 'unsupported' ELSE 'archived' END,
           CASE WHEN i % 100 = 97 THEN 'The file is shorter than its size says.'
                WHEN i % 100 = 98 THEN 'Hamamatsu NDPI is not served yet.' END
    FROM (
        SELECT i, r, CASE
            WHEN i IN (7, CAST(:slides AS bigint) / 2 + 7, CAST(:slides AS bigint) - 7) THEN format('Zoo/%s %s.svs', CAST(:rare AS text), i)
            WHEN i % 20 < 11 THEN format('pathology/%s/%s/%s/case-%s/%s-%s.svs', y, to_char(r % 12 + 1, 'FM00'),
                to_char(r % 28 + 1, 'FM00'), to_char(r % 1000000, 'FM000000'),
                (ARRAY['HE', 'Ki67', 'CD3', 'PDL1', 'ER', 'PAS'])[r % 6 + 1], lpad(to_hex(i), 6, '0'))
            WHEN i % 20 < 14 THEN format('研究/病理部/%s年/症例%s/スライド%s.svs', y, to_char(r % 100000, 'FM00000'), i)
            WHEN i % 20 < 18 THEN format('Scanner-%s/%s%s%s_%s/IMG_%s.tiff', (ARRAY['A', 'B', 'GT450', 'Zeiss'])[r % 4 + 1], y,
                to_char(r % 12 + 1, 'FM00'), to_char(r % 28 + 1, 'FM00'), to_char(r % 86400, 'FM00000'),
                to_char(i, 'FM00000000'))
            ELSE format('%s %s (%s)%s.svs', (ARRAY['Müller', 'ÅNGSTRÖM', 'O''Neill', 'van der Berg', '100% sure', 'a_b'])[r % 6 + 1],
                y, i, (ARRAY['', ' copy', ' FINAL', ' neu'])[r / 7 % 4 + 1])
        END AS key
        FROM (
            SELECT i, (i * 2654435761 % 4294967291) AS r, 2012 + i * 14 / CAST(:slides AS bigint) AS y
            FROM generate_series(CAST(0 AS bigint), CAST(:slides AS bigint) - 1) AS i
        ) AS numbers
    ) AS named
    ORDER BY key COLLATE "C"
""")

_OBJECTS = text("""
    INSERT INTO objects (source_id, key, slide_id, etag, size, last_modified, storage_class)
    SELECT source_id, key, id, etag, size, last_modified, CASE WHEN status = 'archived' THEN 'GLACIER' ELSE 'STANDARD' END
    FROM slides WHERE source_id = :source ORDER BY key
""")

_VERSIONS = text("""
    INSERT INTO versions (slide_id, hash, recipe_version, etag, objects, format, width, height, mpp_x, mpp_y, objective,
                          scanner, icc_profile, properties)
    SELECT id, substr(md5(etag), 1, 16), :recipe_version, etag,
           jsonb_build_array(jsonb_build_object('key', key, 'etag', etag, 'size', size)),
           'Aperio SVS', 2048, 2048, 0.25, 0.25, 40, 'SS1302', true, '{"AppMag": "40", "MPP": "0.25"}'
    FROM slides WHERE source_id = :source AND status = 'indexed' ORDER BY key
""")

# A tile of 13,000 bytes behind the other.
_LEVELS = text("""
    WITH tables AS (
        SELECT string_agg(decode(wide, 'hex'), '' ORDER BY tile) AS offsets, decode(repeat('c8320000', CAST(:entries AS integer)), 'hex') AS counts
        FROM generate_series(0, CAST(:entries AS integer) - 1) AS tile,
             LATERAL (SELECT lpad(to_hex(1000 + tile * CAST(13000 AS bigint)), 16, '0') AS big) b,
             LATERAL (SELECT string_agg(substr(big, at, 2), '' ORDER BY at DESC) AS wide FROM generate_series(1, 15, 2) AS at) w
    )
    INSERT INTO levels (version_id, number, tiles_x, tiles_y, ranges, geometry, recipe, offsets, counts)
    SELECT v.id, CAST(:number AS integer), CAST(:tiles_x AS bigint), CAST(:tiles_y AS bigint), 1, CAST(:geometry AS jsonb), CAST(:recipe AS jsonb), offsets, counts
    FROM tables, versions v WHERE v.slide_id IN (SELECT id FROM slides WHERE source_id = :source)
    AND (NOT CAST(:only_large AS boolean) OR v.slide_id = ANY(CAST(:large AS text[])))
    ON CONFLICT (version_id, number) DO UPDATE
    SET tiles_x = excluded.tiles_x, tiles_y = excluded.tiles_y, geometry = excluded.geometry, offsets = excluded.offsets,
        counts = excluded.counts
""")

_LARGE = text("""
    SELECT id FROM slides WHERE source_id = :source AND status = 'indexed' AND key >= (
        SELECT key FROM slides WHERE source_id = :source ORDER BY key OFFSET :half LIMIT 1)
    ORDER BY key LIMIT :count
""")


async def generate(database: Database, source_id: int, slides: int) -> None:
    """Fill an empty catalog; a million slides take about two minutes.

    Raises:
        CatalogUnavailable: Postgres refuses.
    """
    source = {"source": source_id}
    async with database.transaction() as connection:
        # All of it fits together, and the search's index is made faster than it is kept.
        if (await connection.execute(text("SHOW is_superuser"))).scalar_one() == "on":
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        index = str((await connection.execute(text("SELECT pg_get_indexdef('slides_search'::regclass)"))).scalar_one())
        await connection.execute(text("DROP INDEX slides_search"))
        await connection.execute(_SLIDES, source | {"slides": slides, "rare": RARE})
        await connection.execute(_OBJECTS, source)
        await connection.execute(_VERSIONS, source | {"recipe_version": RECIPE_VERSION})
        values = source | {"half": slides // 2, "count": LARGE_SLIDES}
        large = [str(row.id) for row in await connection.execute(_LARGE, values)]
        for level in _SMALL:
            await connection.execute(_LEVELS, source | _level(level) | {"only_large": False, "large": []})
        top = Level(0, LARGE_SIDE, LARGE_SIDE, 256, 256, 1.0, _RECIPE)
        await connection.execute(_LEVELS, source | _level(top) | {"only_large": True, "large": large})
        await connection.execute(text(index))
    # As autovacuum leaves a catalog within minutes: lists need to know which pages all may see.
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))


async def large_slides(database: Database, source_id: int) -> list[str]:
    """The ids of the slides with a million tiles.

    Raises:
        CatalogUnavailable: Postgres refuses.
    """
    [(slides,)] = await database.rows(
        text("SELECT count(*) FROM slides WHERE source_id = :source"), {"source": source_id}
    )
    values = {"source": source_id, "half": slides // 2, "count": LARGE_SLIDES}
    return [str(row.id) for row in await database.rows(_LARGE, values)]


def _level(level: Level) -> dict[str, object]:
    return {
        "number": level.index,
        "tiles_x": level.tiles_x,
        "tiles_y": level.tiles_y,
        "entries": level.entries,
        "geometry": json.dumps(geometry_json(level)),
        "recipe": json.dumps(level.recipe.to_json()),
    }
