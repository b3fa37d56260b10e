"""``wsi-streamer serve``: everything on one machine."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from wsi_streamer.cli.indexing import running_indexer
from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.cli.runtime import Stop, bound, management_app, opened, run_service
from wsi_streamer.cli.serving import running_tiles, serve_until_stopped
from wsi_streamer.indexer.service import Indexer
from wsi_streamer.settings import (
    ACCESS,
    ADDRESS,
    ADMIN,
    AUDIT,
    CATALOG,
    IDENTITIES,
    INDEXING,
    LOGS,
    SERVING,
    SLIDES,
    Settings,
)


@click.command(
    "serve", cls=SettingsCommand, short_help="Index a bucket and serve it: all that one machine needs (default)."
)
@settings_options(SLIDES, ADDRESS, ACCESS, IDENTITIES, AUDIT, ADMIN, CATALOG, INDEXING, SERVING, LOGS, s3_uri=True)
def command(**values: Any) -> None:
    """Index the slides of a bucket and serve them, with a Postgres of its own unless a database is given.

    \b
      wsi-streamer s3://my-slides
      wsi-streamer s3://my-slides/2026/ --s3-endpoint http://nas:9000 --host 127.0.0.1

    The first slides can be opened while the bucket is still being read. Ctrl-C stops it; what it learned is kept.
    """
    run_service(settings_from(values), _serve)


async def _serve(settings: Settings, stop: Stop) -> None:
    settings.check_admin()
    settings.store_config()
    Indexer.check(settings)
    async with contextlib.AsyncExitStack() as stack:
        # Ports first: they fail at once, and before anything is started.
        public = stack.enter_context(bound(settings.host, settings.port))
        admin = stack.enter_context(bound(settings.admin_host, settings.admin_port))
        parts = await stack.enter_async_context(opened(settings, "serve", migrated=True, checked=True))
        # The indexer goes last: requests under way may wait for it.
        indexer = await stack.enter_async_context(running_indexer(parts))
        tiles = await stack.enter_async_context(running_tiles(parts, public))
        admin_app = management_app(tiles.render_metrics, tiles.ready, indexer.admin_handlers())
        await serve_until_stopped(settings, stop, public=(tiles.app, public), admin=(admin_app, admin))
