"""Retention: whole months are dropped, by the owner of the log, and the drop is on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from wsi_streamer.access.audit.anchors import digest
from wsi_streamer.access.audit.chain import Chain
from wsi_streamer.access.audit.records import PRUNE, Agent, Record, bounded
from wsi_streamer.catalog.audit import AuditQueries, Head, insert_rows
from wsi_streamer.catalog.audit_months import Dropped, Month, drop_before, only_owner
from wsi_streamer.catalog.audit_reads import all_anchors
from wsi_streamer.catalog.database import Database


async def prune(owner: Database, months: int, now: datetime, *, by: str) -> list[Dropped]:
    """Drop all months but the current one and ``months`` before it; ``by`` names who does it. Each writer's last place
    in a month stays, and so does a record of what was done: all of it happens, or nothing.

    Raises:
        CatalogUnavailable: Postgres can't be reached, the user is not the log's owner, or somebody reads all of it.
    """
    heads = await AuditQueries(owner, None).heads(now)
    async with owner.transaction() as connection:
        await only_owner(connection)
        dropped = await drop_before(connection, Month.of(now).plus(-months), now)
        if dropped:
            await _record(connection, dropped, heads, now, by)
    return dropped


async def _record(
    connection: AsyncConnection, dropped: list[Dropped], heads: list[Head], now: datetime, by: str
) -> None:
    anchors = await all_anchors(connection)
    detail = {
        "months": [f"{found.month.begins:%Y-%m}" for found in dropped],
        "records": sum(found.records for found in dropped),
        "anchors": len(anchors),
        "anchors_digest": digest(anchors),
        "heads": [[head.writer, head.seq, head.hash.hex()] for head in heads],
    }
    agent = Agent(kind="local", id=bounded(by, 100))
    row = Chain("prune", None).append(Record(action=PRUNE, agent=agent, detail=detail), now.timestamp())
    await insert_rows(connection, [row])
