"""Bringing a database to this release's schema."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from wsi_streamer.catalog.audit_months import SCHEMA_LOCK, make_months, owns_log
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.roles import grant_service, take_over

_log = structlog.get_logger("wsi_streamer.catalog")


async def migrate(database: Database, *, to: str = "head", service: str | None = None) -> None:
    """Run what is missing, up to the revision ``to``. A database that a newer release has migrated stays as it is:
    migrations only add. Where ``database`` is the owner's, ``service`` is the role that services connect as: it gets
    what they need and no more.

    Raises:
        CatalogUnavailable: the server can't be reached, or refuses.
    """
    async with database.transaction() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SCHEMA_LOCK})
        if service is not None:
            await take_over(connection, service)
        await connection.run_sync(_upgrade, to)
        if to == "head" and await owns_log(connection):
            await make_months(connection, datetime.now(UTC))
        if service is not None:
            await grant_service(connection, service)


def _upgrade(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if _is_newer(connection, config):
        _log.info("the catalog was migrated by a newer release: it is used as it is")
    else:
        command.upgrade(config, to)


def _is_newer(connection: Connection, config: Config) -> bool:
    if connection.scalar(text("SELECT to_regclass('wsi_schema_version')")) is None:
        return False
    current = connection.scalar(text("SELECT version_num FROM wsi_schema_version"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    return current is not None and current not in known
