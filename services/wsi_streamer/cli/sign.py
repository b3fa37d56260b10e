"""``wsi-streamer sign``: a signed link."""

from __future__ import annotations

import json
import time
from typing import Literal
from urllib.parse import quote

import click

from wsi_streamer.access.expiry import MAX_EXPIRY
from wsi_streamer.access.signatures import sign
from wsi_streamer.access.signed_links import SignedLinks

DEFAULT_TTL = 3600

_RESERVED = ("exp", "sig", "vt")
# What can stand in a path as it is sent; the rest is encoded, as any browser would. A % is taken for an escape.
_PATH = "/%:@!$&'()*+,;=~-._"


@click.command("sign", short_help="Print a link that opens a slide until it expires.")
@click.option("-p", "--path", required=True, help="Path to sign, percent-encoded: /view/case%2F1.svs")
@click.option("-s", "--secret", envvar="WSI_AUTH_SECRET", show_envvar=True, help="The server's secret.")
@click.option(
    "--signing-keys", envvar="WSI_SIGNING_KEYS", show_envvar=True,
    help="Or the server's several ones, comma-separated: the first signs.",
)  # fmt: skip
@click.option("-t", "--ttl", type=int, help=f"Seconds until it expires.  [default: {DEFAULT_TTL}]")
@click.option("--exp", type=int, help="When it expires, in unix seconds, instead of --ttl.")
@click.option("-P", "--params", multiple=True, metavar="NAME=VALUE[,...]", help="Further parameters: quality=80")
@click.option("-b", "--base-url", help="What users reach the server by: https://slides.example.org")
@click.option(
    "-f", "--format", "output", type=click.Choice(("url", "json", "signature")), default="url", show_default=True,
    help="What to print.",
)  # fmt: skip
def command(
    path: str,
    secret: str | None,
    signing_keys: str | None,
    ttl: int | None,
    exp: int | None,
    params: tuple[str, ...],
    base_url: str | None,
    output: Literal["url", "json", "signature"],
) -> None:
    """Print a link that opens a slide until it expires. No connection is made.

    \b
      wsi-streamer sign --path /view/case%2F1.svs --ttl 86400 --base-url https://slides.example.org

    A slash within a slide's name is %2F.
    """
    if secret is None and signing_keys is None:
        raise click.UsageError("There is no secret. Give --secret, or set WSI_AUTH_SECRET or WSI_SIGNING_KEYS.")
    secret = secret or (signing_keys or "").split(",")[0].strip()
    if not secret:
        raise click.ClickException("The secret is empty. Give --secret, or set WSI_AUTH_SECRET or WSI_SIGNING_KEYS.")
    if ttl is not None and exp is not None:
        raise click.UsageError("Give --ttl or --exp, not both.")
    now = int(time.time())
    ttl = DEFAULT_TTL if ttl is None else ttl
    if exp is None and ttl <= 0:
        raise click.ClickException("--ttl must be greater than 0.")
    expiry = now + ttl if exp is None else exp
    if not 0 <= expiry <= MAX_EXPIRY:
        raise click.ClickException("The expiry must be unix seconds.")
    if exp is not None:
        ttl = max(0, exp - now)
    values = _parse_params(params)
    sent = _sent_path(path)
    signature = sign(secret.encode(), sent, values, expiry)
    address = SignedLinks((secret.encode(),)).sign_url(sent, values, expiry)
    url = None if base_url is None else base_url.rstrip("/") + address
    if output == "signature":
        click.echo(signature)
    elif output == "json":
        shown = {"expiry": expiry, "path": path, "signature": signature, "ttl": ttl, "url": url}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        click.echo(url or address)
        if url is None:
            click.echo("\nTip: --base-url makes it a whole link.", err=True)


def _parse_params(given: tuple[str, ...]) -> dict[str, str]:
    params: dict[str, str] = {}
    for pair in ",".join(given).split(",") if given else ():
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise click.ClickException(f"'{pair}' is not a parameter. Use --params name=value,name=value.")
        if name in _RESERVED:
            raise click.ClickException(f"'{name}' can't be given with --params: it is part of the signature itself.")
        if name in params:
            raise click.ClickException(f"'{name}' is given twice; the server would refuse the link.")
        params[name] = value
    return params


def _sent_path(path: str) -> str:
    if not path.startswith("/"):
        raise click.ClickException("The path must begin with '/': --path /tiles/...")
    if "?" in path or "#" in path:
        raise click.ClickException(
            "The path holds a '?' or '#'. Parameters go to --params; within a slide's name write %3F and %23."
        )
    return quote(path, safe=_PATH)
