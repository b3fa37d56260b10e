"""Sources: everything in the catalog hangs on one, so that two buckets in one database never mix."""

from __future__ import annotations

from sqlalchemy import text

from wsi_streamer.catalog.database import Database

_ENSURE = text("""
    INSERT INTO sources (endpoint, bucket, prefix) VALUES (:endpoint, :bucket, :prefix)
    ON CONFLICT (endpoint, bucket, prefix) DO UPDATE SET bucket = excluded.bucket
    RETURNING id
""")

_FIND = text("SELECT id FROM sources WHERE endpoint = :endpoint AND bucket = :bucket AND prefix = :prefix")


async def ensure_source(database: Database, endpoint: str | None, bucket: str, prefix: str) -> int:
    """The id of a source; a new one where it is not known yet.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    async with database.transaction() as connection:
        return int((await connection.execute(_ENSURE, _values(endpoint, bucket, prefix))).scalar_one())


async def find_source(database: Database, endpoint: str | None, bucket: str, prefix: str) -> int | None:
    """The id of a source; None where nothing of it was ever indexed.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    async with database.transaction() as connection:
        found = (await connection.execute(_FIND, _values(endpoint, bucket, prefix))).scalar_one_or_none()
    return None if found is None else int(found)


def _values(endpoint: str | None, bucket: str, prefix: str) -> dict[str, str]:
    return {"endpoint": (endpoint or "aws").rstrip("/"), "bucket": bucket, "prefix": prefix}
