"""``wsi-streamer audit verify``: whether the audit log is what was written."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.settings import CATALOG, LOGS, Settings
from wsi_streamer.telemetry.logs import configure_logs


@click.command("verify", cls=SettingsCommand, short_help="Check that nobody has changed the log.")
@settings_options(CATALOG, LOGS)
@click.option("--json", "as_json", is_flag=True, help="For programs: with each chain's last hash, to keep elsewhere.")
@click.option(
    "--against",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What an earlier --json has said, or a log file of the services: finds what was cut off since. Repeatable.",
)
def command(*, as_json: bool, against: tuple[Path, ...], **values: Any) -> None:
    """Walk the chains of all records and say what is wrong with them: changed, missing, reordered, added, cut off, an anchor
    that no 'audit prune' has left, or a writer that tells false things of others. Exit code 1 where anything is.
    """
    settings = settings_from(values)
    configure_logs(settings.log_format, verbose=settings.verbose)
    report, unprotected = asyncio.run(_verify(settings, against))
    if as_json:
        click.echo(json.dumps({"ok": not report.faults, "unprotected": unprotected, **asdict(report)}))
    else:
        for fault in report.faults:
            click.echo(f"✗ {fault.kind}: writer {fault.writer or '-'}, record {fault.seq}: {fault.what}")
        for late in report.late:
            click.echo(
                f"– late: writer {late.writer}: {late.records} records of {late.first} to {late.last} came until {late.stored}: "
                "they waited on a disk, or were made up afterwards"
            )
        if unprotected:
            click.echo(
                f"– not protected from the services' own database user, which {unprotected}: set WSI_DATABASE_OWNER_URL and "
                "run 'wsi-streamer migrate'"
            )
        verdict = f"{len(report.faults)} chains are not what was written" if report.faults else "✓ nothing was changed"
        click.echo(f"{verdict}: {report.records} records of {report.writers} writers, {report.anchors} anchors")
        click.echo(f"– {_compared(report.against)}")
    if report.faults:
        sys.exit(1)


def _compared(against: int) -> str:
    if against:
        return f"compared with {against} heads that were kept elsewhere: what came after them could be gone unseen"
    return (
        "only witnesses kept elsewhere show a log that was cut off as a whole: compare with what an earlier --json has said, "
        "or with the services' own logs, by --against FILE"
    )


async def _verify(settings: Settings, against: tuple[Path, ...]) -> tuple[Any, str | None]:
    from wsi_streamer.access.audit.verify import verify
    from wsi_streamer.access.audit.witnesses import kept_heads
    from wsi_streamer.catalog.roles import why_unprotected
    from wsi_streamer.cli.runtime import catalog_url, connected

    heads = [head for path in against for head in await asyncio.to_thread(kept_heads, path)]
    own = settings.database_url is None
    async with catalog_url(settings) as urls, connected(settings, urls, migrated=own) as database:
        return await verify(database, heads), await why_unprotected(database)
