"""Sources: everything in the catalog hangs on one, so that two buckets in one database never mix."""

from __future__ import annotations

from sqlalchemy import text

from wsi_streamer.catalog.database import Database

_ENSURE = text("""
    INSERT INTO sources (endpoint, bucket, prefix) VALUES (:endpoint, :bucket, :prefix)
    ON CONFLICT (endpoint, bucket, prefix) DO UPDATE SET bucket = excluded.bucket
    RETURNING id
""")


async def ensure_source(database: Database, endpoint: str | None, bucket: str, prefix: str) -> int:
    """The id of a source; a new one where it is not known yet.

    Raises:
        CatalogUnavailable: Postgres can't be reached.
    """
    values = {"endpoint": (endpoint or "aws").rstrip("/"), "bucket": bucket, "prefix": prefix}
    async with database.transaction() as connection:
        return int((await connection.execute(_ENSURE, values)).scalar_one())
