"""An audit log on a test's own database, with a clock that the test sets."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from wsi_streamer.access.audit.audit import Audit
from wsi_streamer.access.audit.config import AuditConfig
from wsi_streamer.access.caller import Caller
from wsi_streamer.catalog.database import Database
from wsi_streamer.telemetry.metrics import Metrics

ANNA = Caller("identity", "https://idp|anna", name="Anna")
BEN = Caller("identity", "https://idp|ben", name="Ben")


class Clock:
    """Unix seconds, as a test wants them."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@contextlib.asynccontextmanager
async def auditing(
    database: Database,
    folder: Path,
    clock: Clock,
    *,
    source_id: int = 1,
    metrics: Metrics | None = None,
    **options: object,
) -> AsyncIterator[Audit]:
    """A writer; it ends with the block."""
    config = AuditConfig(views=True, required=True, spool=folder)
    audit = await Audit.start(
        replace(config, **options),  # type: ignore[arg-type]
        database,
        source_id,
        metrics or Metrics(),
        service="tiles",
        now=clock,
    )
    try:
        yield audit
    finally:
        await audit.aclose()


async def first_denials(database: Database, seconds: float = 10) -> list[dict[str, Any]]:
    """The refusals on record, once there are any: they are written after the answer."""
    statement = text("SELECT record FROM audit WHERE action = 'denial' ORDER BY seq")
    async with asyncio.timeout(seconds):
        while True:
            rows = await database.rows(statement)
            if rows:
                return [json.loads(row.record) for row in rows]
            await asyncio.sleep(0.02)
