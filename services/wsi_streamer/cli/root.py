"""``wsi-streamer`` itself: which command is meant, and how failures are told."""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import Any

import click

from wsi_streamer import __version__
from wsi_streamer.slides.errors import CatalogUnavailable, StorageError, StorageUnreachable, WsiError

DEFAULT_COMMAND = "serve"

# In the order in which help shows them; a command's module is imported only when it is needed.
_COMMANDS = ("serve", "check", "sign", "grant", "index", "tiles", "migrate", "reindex", "explain", "audit")
_CLUSTER_COMMANDS = ("index", "tiles", "migrate", "audit")
_OWN_OPTIONS = ("-h", "--help", "-V", "--version")


class Commands(click.Group):
    """Commands by name; anything else is for `serve`, so that ``wsi-streamer s3://bucket`` does what it looks like.

    A bucket that is named like a command is written ``s3://check``.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in _COMMANDS and args[0] not in _OWN_OPTIONS):
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"wsi_streamer.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        if not sys.warnoptions:
            warnings.simplefilter("ignore")  # what libraries tell developers is not for those who run this
        try:
            return super().invoke(ctx)
        except WsiError as error:
            raise failed(error, ctx.invoked_subcommand) from error


class Failed(click.ClickException):
    """The end of a command that couldn't do its work. The exit code of a cluster's commands tells the operator what is
    missing; all else is 1, as WSIStreamer's scripts know it."""


class StorageFailed(Failed):
    """The object store can't be used."""

    exit_code = 3


class CatalogFailed(Failed):
    """The database can't be used."""

    exit_code = 4


def failed(error: WsiError, command: str | None) -> Failed:
    """What ends a command."""
    if command in _CLUSTER_COMMANDS and isinstance(error, StorageError | StorageUnreachable):
        return StorageFailed(explained(error))
    if command in _CLUSTER_COMMANDS and isinstance(error, CatalogUnavailable):
        return CatalogFailed(explained(error))
    return Failed(explained(error))


def explained(error: WsiError) -> str:
    """What an operator is told: the message, and the detail that clients never see."""
    detail = getattr(error, "detail", "")
    return f"{error.message} ({detail})" if detail else error.message


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", prog_name="wsi-streamer", message="%(prog)s %(version)s")
def main() -> None:
    """Show whole slide images straight out of an S3 bucket, in the browser.

    \b
      wsi-streamer s3://my-slides                               slides on AWS
      wsi-streamer s3://my-slides --s3-endpoint http://nas:9000 slides on MinIO, Ceph, versitygw, ...

    Then open http://localhost:3000. This machine's AWS credentials are used (environment, ~/.aws, instance role).
    Nothing is ever written to the bucket. 'wsi-streamer serve --help' lists all settings.
    """
