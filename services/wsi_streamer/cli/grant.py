"""``wsi-streamer grant``: hand out links that can be taken back."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import click

from wsi_streamer.access.grants.grant import Grant, Issued
from wsi_streamer.cli.grant_desk import DAY, grant_desk
from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.settings import CATALOG, LOGS, SLIDES, Settings
from wsi_streamer.telemetry.logs import configure_logs

PAGE = 1000

_DURATION = re.compile(r"([1-9][0-9]{0,9})([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": DAY}


class _Duration(click.ParamType[int]):
    """Seconds, from ``90``, ``30m``, ``12h``, ``7d``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = _DURATION.fullmatch(str(value))
        if match is None:
            self.fail("write 90 (seconds), 30m, 12h or 7d", param, ctx)
        return int(match[1]) * _SECONDS[match[2]]


@click.group("grant", short_help="Hand out links that can be taken back, list and revoke them.")
def command() -> None:
    """Links to a slide, or to all slides of a folder, that end by themselves and can be revoked at once.

    \b
      wsi-streamer grant create --slide case/1.svs --expires-in 7d
      wsi-streamer grant list --active
      wsi-streamer grant revoke g-…

    It works on the catalog: bucket, endpoint, prefix, database and secrets must be those of the servers.
    """


@command.command("create", cls=SettingsCommand, short_help="Make a grant and print its link.")
@click.option("--slide", help="Key or opaque id of a slide.")
@click.option("--prefix", help="All slides whose keys begin so; '' is every slide.")
@click.option("--expires-in", type=_Duration(), help="How long it lasts: 30m, 12h, 7d, or seconds.")
@click.option("--expires-at", help="When it ends, instead: 2027-01-31T18:00:00+09:00, or unix seconds.")
@click.option(
    "--permission", "permissions", multiple=True, metavar="NAME",
    help="Beside tiles: metadata, label, macro, download; can be repeated.",
)  # fmt: skip
@click.option(
    "--network", "networks", multiple=True, metavar="CIDR",
    help="Only from this network: 10.1.0.0/16; can be repeated.",
)  # fmt: skip
@click.option("--note", help="What it is for; shown in the list and in the audit log.")
@click.option("--json", "as_json", is_flag=True, help="All of it, as JSON.")
@settings_options(SLIDES, CATALOG, LOGS, names=("auth_secret", "signing_keys", "public_url", "max_grant_days"))
def create(
    slide: str | None,
    prefix: str | None,
    expires_in: int | None,
    expires_at: str | None,
    permissions: tuple[str, ...],
    networks: tuple[str, ...],
    note: str | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Make a grant and print its link. The link is shown this once; whoever has it has the right."""
    if (slide is None) == (prefix is None):
        raise click.UsageError("Say what for: either --slide or --prefix.")
    if (expires_in is None) == (expires_at is None):
        raise click.UsageError("Say when it ends: either --expires-in (7d) or --expires-at.")
    settings = _settings(values)
    issued = asyncio.run(
        _create(
            settings,
            slide=slide,
            prefix=prefix,
            expires_in=expires_in,
            expires_at=expires_at,
            permissions=permissions,
            networks=networks,
            note=note,
        )
    )
    url = (settings.public_url or "").rstrip("/") + issued.path()
    if as_json:
        click.echo(
            json.dumps(_fields(issued.grant) | {"token": issued.token, "url": url}, indent=2, ensure_ascii=False)
        )
        return
    click.echo(url)
    click.echo(f"\nGrant {issued.grant.id} ends {issued.grant.expires_at.isoformat()}.", err=True)
    if settings.public_url is None:
        click.echo("Tip: --public-url makes it a whole link.", err=True)


@command.command("list", cls=SettingsCommand, short_help="List grants, newest first.")
@click.option("--active", is_flag=True, help="Only those that still hold.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON each.")
@settings_options(SLIDES, CATALOG, LOGS)
def list_grants(active: bool, as_json: bool, **values: Any) -> None:
    """List grants, newest first."""
    asyncio.run(_list(_settings(values), active=active, as_json=as_json))


@command.command("revoke", cls=SettingsCommand, short_help="End grants at once.")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@settings_options(SLIDES, CATALOG, LOGS)
def revoke(ids: tuple[str, ...], **values: Any) -> None:
    """End grants at once. What a browser already shows it may keep for up to 5 minutes."""
    asyncio.run(_revoke(_settings(values), ids))


def _settings(values: dict[str, Any]) -> Settings:
    settings = settings_from(values)
    configure_logs(settings.log_format, verbose=settings.verbose)
    return settings


async def _create(settings: Settings, **asked: Any) -> Issued:
    async with grant_desk(settings) as desk:
        return await desk.recorded.issue(desk.caller, "", **asked)


async def _list(settings: Settings, *, active: bool, as_json: bool) -> None:
    async with grant_desk(settings) as desk:
        await desk.audit.act("grant-list", desk.caller, "")
        cursor: str | None = None
        while True:
            page = await desk.grants.listed(desk.caller, cursor, PAGE, active=active)
            for grant in page.grants:
                click.echo(json.dumps(_fields(grant), ensure_ascii=False) if as_json else _line(grant))
            cursor = page.next_cursor
            if cursor is None:
                return


async def _revoke(settings: Settings, ids: tuple[str, ...]) -> None:
    async with grant_desk(settings) as desk:
        for ident in ids:
            await desk.recorded.revoke(desk.caller, "", ident)
            click.echo(f"{ident} is revoked.")


def _line(grant: Grant) -> str:
    about = grant.slide_id if grant.slide_id is not None else f"prefix {grant.prefix!r}"
    parts = [
        grant.id,
        f"{grant.state(time.time()):7}",
        f"until {grant.expires_at.isoformat()}",
        about,
        ",".join(grant.shown_permissions()),
        *(str(network) for network in grant.networks),
        grant.note or "",
    ]
    return "  ".join(part for part in parts if part)


def _fields(grant: Grant) -> dict[str, Any]:
    revoked = None if grant.revoked_at is None else grant.revoked_at.isoformat()
    return {
        "id": grant.id,
        "state": grant.state(time.time()),
        "slide": grant.slide_id,
        "prefix": grant.prefix,
        "permissions": grant.shown_permissions(),
        "networks": [str(network) for network in grant.networks],
        "note": grant.note,
        "created_by": grant.created_by,
        "created_at": grant.created_at.isoformat(),
        "expires_at": grant.expires_at.isoformat(),
        "revoked_at": revoked,
        "revoked_by": grant.revoked_by,
    }
