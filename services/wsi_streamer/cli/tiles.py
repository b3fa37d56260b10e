"""``wsi-streamer tiles``: a tile worker alone."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.cli.runtime import Stop, bound, management_app, opened, run_service
from wsi_streamer.cli.serving import running_tiles, serve_until_stopped
from wsi_streamer.settings import ACCESS, ADDRESS, AUDIT, CATALOG, IDENTITIES, LOGS, SERVING, SLIDES, Settings


@click.command("tiles", cls=SettingsCommand, short_help="Run a tile worker alone; as many as you like.")
@settings_options(
    SLIDES, ADDRESS, ACCESS, IDENTITIES, AUDIT, CATALOG, SERVING, LOGS, names=("admin_host", "admin_port"), s3_uri=True
)
def command(**values: Any) -> None:
    """Run a tile worker alone: it serves viewers what an indexer has found.

    For clusters, beside 'wsi-streamer index' and a Postgres that both use. Its admin port has /metrics and /ready only.
    """
    run_service(settings_from(values), _tiles)


async def _tiles(settings: Settings, stop: Stop) -> None:
    settings.store_config()
    async with contextlib.AsyncExitStack() as stack:
        public = stack.enter_context(bound(settings.host, settings.port))
        admin = stack.enter_context(bound(settings.admin_host, settings.admin_port))
        # The store is not asked for anything here: workers must come up while it is down, for what others have cached.
        parts = await stack.enter_async_context(opened(settings, "tiles", migrated=False, checked=False))
        tiles = await stack.enter_async_context(running_tiles(parts, public))
        app = management_app(tiles.render_metrics, tiles.ready)
        await serve_until_stopped(settings, stop, public=(tiles.app, public), admin=(app, admin))
