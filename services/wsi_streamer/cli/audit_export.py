"""``wsi-streamer audit export``: the audit log, for auditors who are given a file."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import click

from wsi_streamer.access.audit.export import FORMATS, ExportQuery
from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.settings import AUDIT, CATALOG, LOGS, SLIDES, Settings
from wsi_streamer.telemetry.logs import configure_logs


@click.command("export", cls=SettingsCommand, short_help="Write the log to stdout, a line for each event.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="ndjson",
    show_default=True,
    help="fhir: R4 AuditEvents.",
)
@click.option("--since", help="Time, as 2026-11-21 or 2026-11-21T12:00:00Z.")
@click.option("--until", help="Time, not included; else now.")
@click.option("--slide", help="Opaque id or key.")
@click.option("--agent", help="Who: an id, with or without its kind before it.")
@click.option("--action", help="What was done: view, denial, grant-create, …")
@settings_options(SLIDES, AUDIT, CATALOG, LOGS, s3_uri=True)
def command(
    *,
    form: str,
    since: str | None,
    until: str | None,
    slide: str | None,
    agent: str | None,
    action: str | None,
    **values: Any,
) -> None:
    """Write who saw which slide when: all buckets that the database knows, or the one that is named. That it was read is
    on record.
    """  # fmt: skip
    settings = settings_from(values)
    configure_logs(settings.log_format, verbose=settings.verbose)
    query = ExportQuery(format=form, since=since, until=until, slide=slide, agent=agent, action=action)
    asyncio.run(_export(settings, query))


async def _export(settings: Settings, query: ExportQuery) -> None:
    from wsi_streamer.access.audit.audit import Audit
    from wsi_streamer.access.audit.export import all_lines
    from wsi_streamer.access.caller import Caller
    from wsi_streamer.catalog.audit_reads import AuditReads
    from wsi_streamer.catalog.sources import find_source
    from wsi_streamer.cli.audit_prune import user
    from wsi_streamer.cli.runtime import catalog_url, connected
    from wsi_streamer.telemetry.metrics import Metrics

    own = settings.database_url is None
    async with catalog_url(settings) as urls, connected(settings, urls, migrated=own) as database:
        source_id = None
        if settings.s3_bucket:
            source_id = await find_source(database, settings.s3_endpoint, settings.s3_bucket, settings.s3_prefix)
        asked = query.asked(source_id, datetime.now(UTC))
        audit = await Audit.start(
            settings.audit_config(), database, source_id, Metrics(), service="export", now=time.time
        )
        try:
            await audit.act("audit-read", Caller("local", user()), "", detail=query.described())
            async for line in all_lines(AuditReads(database), query, asked):
                click.echo(line)
        finally:
            await audit.aclose()
