"""``wsi-streamer migrate``: the catalog's tables."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.settings import CATALOG, LOGS, Settings
from wsi_streamer.telemetry.logs import configure_logs


@click.command("migrate", cls=SettingsCommand, short_help="Bring the catalog's tables to this release.")
@settings_options(CATALOG, LOGS)
def command(**values: Any) -> None:
    """Create the catalog's tables, or bring them to this release. Safe to run again, and while services run."""
    settings = settings_from(values)
    configure_logs(settings.log_format, verbose=settings.verbose)
    asyncio.run(_migrate(settings))
    click.echo("The catalog is ready.")


async def _migrate(settings: Settings) -> None:
    from wsi_streamer.cli.runtime import catalog_url, connected

    async with catalog_url(settings) as urls, connected(settings, urls, migrated=True):
        pass
