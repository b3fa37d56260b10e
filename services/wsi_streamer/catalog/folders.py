"""Folders: what stands in keys before each slash."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.stored_text import after_prefix, clean, is_clean
from wsi_streamer.catalog.within import Within

# From folder to folder along the index of keys: a folder's own slides are never read, however many. What lies beside the
# folders is, but only in the index. A folder ends with a slash, and the sign behind a slash is 0.
_UNDER = text("""
    SELECT DISTINCT folder FROM (
        SELECT folders.folder FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) AS bounds (low, high)
        CROSS JOIN LATERAL (
            WITH RECURSIVE folders AS (
                (
                    SELECT left(s.key, :skipped + strpos(substr(s.key, :skipped + 1), '/')) AS folder
                    FROM slides s
                    WHERE s.source_id = :source AND s.vanished_at IS NULL AND s.key >= low AND s.key < high
                        AND strpos(substr(s.key, :skipped + 1), '/') > 0
                    ORDER BY s.key LIMIT 1
                )
                UNION ALL
                SELECT following.folder FROM folders CROSS JOIN LATERAL (
                    SELECT left(s.key, :skipped + strpos(substr(s.key, :skipped + 1), '/')) AS folder
                    FROM slides s
                    WHERE s.source_id = :source AND s.vanished_at IS NULL
                        AND s.key >= left(folders.folder, -1) || '0' AND s.key < high
                        AND strpos(substr(s.key, :skipped + 1), '/') > 0
                    ORDER BY s.key LIMIT 1
                ) AS following
            )
            SELECT folder FROM folders LIMIT :limit
        ) AS folders
        UNION ALL
        SELECT left(s.key, :skipped + strpos(substr(s.key, :skipped + 1), '/'))
        FROM slides s
        WHERE s.id = ANY(CAST(:ids AS text[])) AND s.source_id = :source AND s.vanished_at IS NULL
            AND s.key >= :prefix AND s.key < :prefix_end AND strpos(substr(s.key, :skipped + 1), '/') > 0
    ) AS found
    ORDER BY folder LIMIT :limit
""")


class FolderQueries:
    """Folders of slides that are there: a bucket has none by itself."""

    def __init__(self, database: Database, source_id: int) -> None:
        self._database = database
        self._source = source_id

    async def under(self, prefix: str, *, limit: int, within: Within | None = None) -> list[str]:
        """The first ``limit`` folders one level under ``prefix``, as prefixes that end with a slash, in the order of their
        bytes.

        Args:
            within: of no other slides than these; None: of all.
        """
        if not is_clean(prefix):
            return []  # as no key is
        everything = within is None or "" in within.prefixes
        inside = Within((prefix,)) if everything or within is None else within.under(prefix)
        if not inside.prefixes and not inside.slide_ids:
            return []
        values: dict[str, Any] = {
            "source": self._source,
            "prefix": clean(prefix),
            "prefix_end": after_prefix(prefix),
            "skipped": len(prefix),
            "lows": list(inside.prefixes),
            "highs": [after_prefix(low) for low in inside.prefixes],
            "ids": sorted(inside.slide_ids),
            "limit": limit,
        }
        return [str(row.folder) for row in await self._database.rows(_UNDER, values)]
