"""``wsi-streamer check``: whether the settings, the credentials and the store are fit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import click

from wsi_streamer.cli.options import SettingsCommand, settings_from, settings_options
from wsi_streamer.cli.report import Report, describe
from wsi_streamer.cli.store_probe import Sample, find_sample, honours_if_match, honours_range
from wsi_streamer.objectstore.errors import ObjectNotFound
from wsi_streamer.objectstore.store import ObjectStore
from wsi_streamer.settings import LOGS, SLIDES, Settings
from wsi_streamer.slides.errors import UnsupportedFormat, WsiError
from wsi_streamer.slides.keys import is_slide_key
from wsi_streamer.telemetry.logs import configure_logs


@click.command("check", cls=SettingsCommand, short_help="See whether bucket, credentials and store are fit.")
@settings_options(SLIDES, LOGS, names=("parse_memory", "parse_seconds"), s3_uri=True)
@click.option("--list-slides", is_flag=True, help="List all slides of the bucket.")
@click.option("--test-slide", metavar="KEY", help="Read one slide's layout, and say whether it would be served.")
def command(list_slides: bool, test_slide: str | None, **values: Any) -> None:
    """See whether the settings, the credentials and the object store are fit, before anything is started.

    The store must honour Range (a part of a file is read, not the whole) and If-Match (a file that is replaced while it
    is read is noticed). Nothing is written to the bucket.
    """
    settings = settings_from(values)
    configure_logs(settings.log_format, verbose=settings.verbose)
    report = Report()
    asyncio.run(_check(settings, report, list_slides=list_slides, test_slide=test_slide))
    if report.failed:
        raise click.ClickException("Not all checks passed.")
    click.echo("\n✓ All checks passed!")


async def _check(settings: Settings, report: Report, *, list_slides: bool, test_slide: str | None) -> None:
    config = settings.store_config()
    where = f"s3://{config.bucket}/{settings.s3_prefix}" if settings.s3_prefix else config.bucket
    report.passed(f"Bucket: {where}")
    report.passed(f"Endpoint: {config.endpoint or 'AWS'}, region {config.region}")
    async with contextlib.AsyncExitStack() as stack:
        store = None
        async with report.step("Credentials found"):
            store = await ObjectStore.open(config)
            stack.push_async_callback(store.aclose)
        if store is None:
            return
        sample: Sample | None = None
        async with report.step("Bucket can be listed"):
            sample = await find_sample(store, settings.s3_prefix)
        if report.failed:
            return
        await _check_store(store, report, sample)
        if list_slides:
            await _list_slides(store, settings.s3_prefix)
        if test_slide is not None:
            await _test_slide(store, settings, report, test_slide)


async def _check_store(store: ObjectStore, report: Report, sample: Sample | None) -> None:
    if sample is None:
        report.skipped("Range and If-Match: not tried, there is nothing to read. Upload a slide and check again.")
        return
    async with report.step("Parts of objects can be read (Range)"):
        await honours_range(store, sample)
    async with report.step("Replaced objects are noticed (If-Match)"):
        await honours_if_match(store, sample)


async def _list_slides(store: ObjectStore, prefix: str) -> None:
    click.echo("\nSlides in the bucket:")
    count = 0
    async for key in _slide_keys(store, prefix):
        click.echo(f"  {key}")
        count += 1
    click.echo(f"Total: {count} slide(s)" if count else "  (none: no key ends in .svs, .tif or another slide's name)")


async def _slide_keys(store: ObjectStore, prefix: str) -> AsyncIterator[str]:
    async for page in store.list(prefix):
        for stored in page:
            if is_slide_key(stored.key):
                yield stored.key


async def _test_slide(store: ObjectStore, settings: Settings, report: Report, key: str) -> None:
    from wsi_streamer.formats.sandbox import ParserPool

    click.echo(f"\nSlide {key}:")
    try:
        pool = await ParserPool.start(1, memory_bytes=settings.parse_memory, seconds=settings.parse_seconds)
    except RuntimeError as error:
        report.failure("Slide", f"{error} This machine may be out of memory or processes.")
        return
    try:
        stored = await store.head(key)
        parsed = await pool.parse(
            stored.size, lambda offset, length: store.get_range(key, offset, length, etag=stored.etag or None)
        )
    except ObjectNotFound:
        report.failure("Slide", "there is no such object. Keys are case-sensitive; --list-slides shows them.")
    except UnsupportedFormat as error:
        report.failure("Slide", f"it would be refused: {error.message}")
    except WsiError as error:
        report.failure("Slide", error.message)
    else:
        report.passed(f"Found, {stored.size / 1e6:.1f} MB, would be served")
        for line in describe(parsed):
            click.echo(f"    {line}")
    finally:
        await pool.aclose()
