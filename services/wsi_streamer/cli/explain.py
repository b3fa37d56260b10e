"""``wsi-streamer explain``: why a slide is served as it is, or isn't."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import click

from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.settings import CATALOG, LOGS, SLIDES, InvalidSettings, Settings, parse_s3_uri
from wsi_streamer.slides.errors import NotFound
from wsi_streamer.telemetry.logs import configure_logs


@click.command("explain", cls=SettingsCommand, short_help="Say what was found in a slide, and why it is refused.")
@click.argument("slide", metavar="KEY")
@settings_options(SLIDES, CATALOG, LOGS)
@click.option("--json", "as_json", is_flag=True, help="All of it, as JSON.")
def command(slide: str, as_json: bool, **values: Any) -> None:
    """Say what the indexer found in a slide: levels, how their tiles are made, empty tiles, or why it is refused.

    \b
      wsi-streamer explain case/1.svs --s3-bucket my-slides
      wsi-streamer explain s3://my-slides/case/1.svs

    KEY may also be the slide's opaque id. It asks the catalog, so the bucket, the endpoint, the prefix and the database
    must be those that the indexer was given.
    """
    settings = settings_from(values)
    if slide.startswith("s3://"):
        bucket, slide = parse_s3_uri(slide)
        if settings.s3_bucket not in ("", bucket):
            raise InvalidSettings("The slide's URL and --s3-bucket name different buckets.")
        settings = settings_from({**values, "s3_bucket": bucket})
    settings.store_config()
    configure_logs(settings.log_format, verbose=settings.verbose)
    found = asyncio.run(_explain(settings, slide))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False, default=str))
    else:
        for line in explanation(found):
            click.echo(line)


async def _explain(settings: Settings, slide: str) -> dict[str, Any]:
    from wsi_streamer.catalog.catalog import Catalog
    from wsi_streamer.catalog.sources import find_source
    from wsi_streamer.cli.runtime import catalog_url, connected

    own = settings.database_url is None
    async with catalog_url(settings) as urls, connected(settings, urls, migrated=own) as database:
        source_id = await find_source(database, settings.s3_endpoint, settings.s3_bucket, settings.s3_prefix)
        found = None if source_id is None else await Catalog(database, source_id).explain.slide(slide)
    if found is None:
        raise NotFound(
            "The catalog has no such slide. Check the key and that --s3-endpoint, --s3-bucket and --s3-prefix are those of the "
            "indexer; a new slide appears with the next scan, or 'wsi-streamer reindex --key'."
        )
    return found


def explanation(found: dict[str, Any]) -> Iterator[str]:
    """What the catalog knows of a slide, for people."""
    yield f"{found['key']}  ({found['id']})"
    yield f"  status: {found['status']}" + (f": {found['error']}" if found["error"] else "")
    yield f"  object: {found['size']} bytes, changed {found['last_modified']}, etag {found['etag']}"
    if found["vanished_at"]:
        yield f"  gone from the bucket since {found['vanished_at']}"
    elif found["missed_scans"]:
        yield f"  missing in the last {found['missed_scans']} scan(s)"
    if not found["versions"]:
        yield "  nothing of it can be served"
    for version in found["versions"]:
        current = "" if version["etag"] == found["etag"] else " (of the object before it was replaced)"
        yield f"  version {version['hash']}{current}, recipes of generation {version['recipe_version']}"
        yield f"    {version['format']}, {version['width']} x {version['height']} px, {_resolution(version)}"
        for level in version["levels"]:
            yield f"    {_level(level)}"
        for image in version["associated_images"]:
            yield f"    {image['name']}: {image['width']} x {image['height']} px, {image['recipe']['codec']}"


def _resolution(version: dict[str, Any]) -> str:
    mpp = f"{version['mpp_x']:.4f} µm a pixel" if version["mpp_x"] else "resolution not stated"
    return mpp + (f", {version['objective']:g}x" if version["objective"] else "")


def _level(level: dict[str, Any]) -> str:
    recipe = level["recipe"]
    if recipe["passthrough"]:
        how = "as stored"
        if recipe["tables_bytes"]:
            how += f", {recipe['tables_bytes']} bytes of JPEG tables put in front"
        if recipe["mark_rgb"]:
            how += ", marked as RGB"
    else:
        how = "re-encoded"
    shows = "the finer level" if level["sparse_shows"] == "finer" else "white"
    sparse = (
        f"; {level['sparse_tiles']} of {level['tiles']} tiles are empty and show {shows}"
        if level["sparse_tiles"]
        else ""
    )
    return (
        f"level {level['level']}: {level['width']} x {level['height']} px (1/{level['downsample']:.6g}), {level['tiles']} tiles "
        f"of {level['tile_width']} x {level['tile_height']}, {level['bytes']} bytes, {recipe['codec']} "
        f"{recipe['photometric']}, {how}{sparse}"
    )
