"""``wsi-streamer audit``: what is done with the audit log."""

from __future__ import annotations

import click

from wsi_streamer.cli.audit_export import command as export
from wsi_streamer.cli.audit_prune import command as prune
from wsi_streamer.cli.audit_verify import command as verify


@click.group("audit", short_help="Check, export or prune the log of who saw which slide.")
def command() -> None:
    """The log of who saw which slide when: check that nobody has changed it, hand it to an auditor, drop old months."""


command.add_command(verify)
command.add_command(export)
command.add_command(prune)
