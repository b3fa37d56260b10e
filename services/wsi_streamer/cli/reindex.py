"""``wsi-streamer reindex``: asks a running indexer to index again."""

from __future__ import annotations

import asyncio
from typing import Any

import click
import httpx

from wsi_streamer.slides.errors import WsiError

POLL_SECONDS = 0.5
MAX_MISSES = 20
"""Answers that may fail to come, one after the other, while a job is watched (an indexer that restarts, say)."""


class AdminApiError(WsiError):
    """The admin API refused, or can't be reached."""


@click.command("reindex", short_help="Have a running indexer index slides again.")
@click.option(
    "--all", "everything", is_flag=True, help="All slides of the bucket: look for new ones, changed ones, missing ones."
)
@click.option("--prefix", help="Slides whose keys begin so.")
@click.option("--key", "keys", multiple=True, help="This slide; can be repeated.")
@click.option("--force", is_flag=True, help="Read unchanged slides again too; with --all, drop missing ones at once.")
@click.option("--no-wait", is_flag=True, help="Don't wait until it is done.")
@click.option(
    "--admin-url", envvar="WSI_ADMIN_URL", show_envvar=True, default="http://127.0.0.1:3001", show_default=True,
    help="Admin API of the indexer.",
)  # fmt: skip
@click.option("--admin-token", envvar="WSI_ADMIN_TOKEN", show_envvar=True, help="Its token.")
def command(
    everything: bool,
    prefix: str | None,
    keys: tuple[str, ...],
    force: bool,
    no_wait: bool,
    admin_url: str,
    admin_token: str | None,
) -> None:
    """Have a running indexer look at slides again, and wait until it has.

    \b
      wsi-streamer reindex --all                 after a bulk upload
      wsi-streamer reindex --key case/1.svs --force
    """
    if [everything, prefix is not None, bool(keys)].count(True) != 1:
        raise click.UsageError("Give one of --all, --prefix and --key.")
    wanted: dict[str, Any] = {"force": force}
    if everything:
        wanted["all"] = True
    elif prefix is not None:
        wanted["prefix"] = prefix
    else:
        wanted["keys"] = list(keys)
    asyncio.run(_reindex(admin_url.rstrip("/"), admin_token, wanted, wait=not no_wait))


async def _reindex(url: str, token: str | None, wanted: dict[str, Any], *, wait: bool) -> None:
    headers = {} if not token else {"authorization": f"Bearer {token}"}
    # An admin port is never behind a proxy of the environment.
    async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as client:
        job = await _ask(client, "POST", f"{url}/admin/reindex", wanted)
        click.echo(f"Job {job['id']} is queued.")
        if wait:
            await _watch(client, f"{url}/admin/jobs/{job['id']}")


async def _watch(client: httpx.AsyncClient, url: str) -> None:
    shown, misses = "", 0
    while True:
        try:
            job = await _ask(client, "GET", url)
            misses = 0
        except _Unreachable:
            misses += 1
            if misses > MAX_MISSES:
                raise
            await asyncio.sleep(POLL_SECONDS)
            continue
        line = f"{job['done'] + job['failed']} of {job['total']} slides" if job["total"] else "looking at the bucket"
        if line != shown:
            click.echo(line)
            shown = line
        if job["state"] == "failed":
            raise AdminApiError(f"The job failed: {job['error'] or 'the indexer log says why.'}")
        if job["state"] == "done":
            break
        await asyncio.sleep(POLL_SECONDS)
    if job["failed"]:
        raise AdminApiError(
            f"Done, but {job['failed']} of {job['total']} could not be read; the indexer's log says why."
        )
    click.echo("Done.")


class _Unreachable(AdminApiError):
    """No answer at all."""


async def _ask(client: httpx.AsyncClient, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    try:
        response = await client.request(method, url, json=body)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise AdminApiError("The admin URL must be http(s)://host:port.") from None
    except httpx.TransportError:
        raise _Unreachable(
            f"No indexer answers at {httpx.URL(url).copy_with(path='/')}. Is it running? Give --admin-url."
        ) from None
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise AdminApiError(f"What answers there is not an indexer's admin API (HTTP {response.status_code}).")
    if response.status_code == 401:
        raise AdminApiError("The indexer wants its token: give --admin-token or set WSI_ADMIN_TOKEN.")
    if response.is_error:
        raise AdminApiError(str(answer.get("message") or f"The indexer answers HTTP {response.status_code}."))
    return answer
