"""``wsi-streamer audit prune``: the audit log's retention."""

from __future__ import annotations

import asyncio
import getpass
from datetime import UTC, datetime
from typing import Any

import click

from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.settings import CATALOG, LOGS, Settings
from wsi_streamer.telemetry.logs import configure_logs


@click.command("prune", cls=SettingsCommand, short_help="Drop months older than the retention.")
@settings_options(CATALOG, LOGS, names=("audit_retention_months",))
def command(**values: Any) -> None:
    """Drop whole months of the log that are older than the retention, as the owner of its tables. What shows that the rest
    is whole stays, and that they were dropped is on record. Makes the months to come too: run it each month.
    """
    settings = settings_from(values)
    configure_logs(settings.log_format, verbose=settings.verbose)
    if settings.audit_retention_months == 0:
        click.echo("Nothing is dropped: --audit-retention-months is 0.")
        return
    dropped = asyncio.run(_prune(settings))
    for found in dropped:
        click.echo(f"dropped {found.month.begins:%Y-%m}: {found.records} records of {found.writers} writers")
    click.echo(f"{len(dropped)} months dropped; the last {settings.audit_retention_months} and this one are kept.")


async def _prune(settings: Settings) -> Any:
    from wsi_streamer.access.audit.prune import prune
    from wsi_streamer.cli.runtime import catalog_url, owning

    async with catalog_url(settings) as urls, owning(settings, urls.owner or urls.services) as owner:
        return await prune(owner, settings.audit_retention_months, datetime.now(UTC), by=user())


def user() -> str:
    """Who runs this, by the system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
