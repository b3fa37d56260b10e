"""``wsi-streamer index``: the indexer alone."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from wsi_streamer.cli.indexing import running_indexer
from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.cli.runtime import Stop, answers, bound, management_app, opened, run_service
from wsi_streamer.cli.serving import serve_until_stopped
from wsi_streamer.indexer.service import Indexer
from wsi_streamer.settings import ACCESS, ADMIN, AUDIT, CATALOG, IDENTITIES, INDEXING, LOGS, SLIDES, Settings


@click.command("index", cls=SettingsCommand, short_help="Run the indexer alone, with its admin API.")
@settings_options(SLIDES, ACCESS, IDENTITIES, AUDIT, ADMIN, CATALOG, INDEXING, LOGS, s3_uri=True)
def command(**values: Any) -> None:
    """Run the indexer alone: it finds slides in the bucket, reads their layout and writes it to the catalog.

    For clusters, beside 'wsi-streamer tiles' and a Postgres that both use. Run 'wsi-streamer migrate' first.
    """
    run_service(settings_from(values), _index)


async def _index(settings: Settings, stop: Stop) -> None:
    settings.check_admin()
    settings.store_config()
    Indexer.check(settings)
    async with contextlib.AsyncExitStack() as stack:
        admin = stack.enter_context(bound(settings.admin_host, settings.admin_port))
        parts = await stack.enter_async_context(opened(settings, "indexer", migrated=False, checked=True))
        indexer = await stack.enter_async_context(running_indexer(parts))
        app = management_app(parts.render_metrics, lambda: answers(parts.database), indexer.admin_handlers())
        await serve_until_stopped(settings, stop, public=None, admin=(app, admin))
