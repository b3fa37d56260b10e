"""What writers that have died left on disk is delivered by whoever lives."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError

from wsi_streamer.access.audit.spool import Leftover, leftovers
from wsi_streamer.catalog.audit import AuditQueries
from wsi_streamer.slides.errors import CatalogUnavailable
from wsi_streamer.telemetry.metrics import Metrics

_BATCH = 500

_log = structlog.get_logger("wsi_streamer.audit")


async def deliver_leftovers(queries: AuditQueries, folder: Path, log_id: str, metrics: Metrics) -> None:
    """Deliver dead writers' files, and remove those that are done with. What fails stays for the next time."""
    try:
        found = await asyncio.to_thread(lambda: list(leftovers(folder, log_id)))
    except OSError:
        return
    try:
        for leftover in found:
            try:
                count = await _deliver(leftover, queries)
            except (CatalogUnavailable, OSError) as error:
                _log.warning(
                    "records that a process has left on disk can't be delivered yet", reason=type(error).__name__
                )
                if isinstance(error.__cause__, IntegrityError):
                    continue  # it is refused (its clock was ahead?), which must not hold up the others
                return
            if count:
                metrics.audit_records.labels("delivered").inc(count)
                _log.info("records that a process had left on disk are delivered", records=count)
    finally:
        for leftover in found:
            leftover.close()


async def _deliver(leftover: Leftover, queries: AuditQueries) -> int:
    count = 0
    batches = leftover.batches(_BATCH)
    while rows := await asyncio.to_thread(next, batches, None):
        async with queries.transaction() as transaction:
            await transaction.insert(rows)
        count += len(rows)
    await asyncio.to_thread(leftover.remove)
    return count
