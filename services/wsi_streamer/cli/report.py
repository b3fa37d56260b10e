"""Lines that tell what was found."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import click

from wsi_streamer.cli.root import explained
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import ParsedSlide


class Report:
    """Checks as they pass and fail, a line each."""

    def __init__(self) -> None:
        self.failed = False

    def passed(self, what: str) -> None:
        """A good line."""
        click.echo(f"✓ {what}")

    def skipped(self, what: str) -> None:
        """A check that could not be made, and does no harm."""
        click.echo(f"– {what}")

    def failure(self, what: str, why: str) -> None:
        """A bad line: what failed, and what to do."""
        self.failed = True
        click.echo(f"✗ {what}: {why}")

    @contextlib.asynccontextmanager
    async def step(self, what: str) -> AsyncIterator[None]:
        """A check that fails by an error of the API."""
        try:
            yield
        except WsiError as error:
            self.failure(what, explained(error))
        else:
            self.passed(what)


def describe(parsed: ParsedSlide) -> Iterator[str]:
    """What a parser found, for people."""
    mpp = f"{parsed.mpp_x:.4f} µm a pixel" if parsed.mpp_x else "resolution not stated"
    objective = f", {parsed.objective:g}x" if parsed.objective else ""
    yield f"{parsed.format}, {parsed.levels[0].width} x {parsed.levels[0].height} px, {mpp}{objective}"
    for level, table in zip(parsed.levels, parsed.tables, strict=True):
        empty = sum(table.range_at(entry).length == 0 for entry in range(len(table)))
        yield level_line(level, len(table), empty)
    if parsed.associated_images:
        yield "also holds: " + ", ".join(image.name for image in parsed.associated_images)


def level_line(level: Level, tiles: int, empty: int) -> str:
    """One level of a pyramid."""
    recipe = level.recipe
    how = "served as stored" if recipe.passthrough else "re-encoded"
    sparse = f", {empty} of {tiles} tiles empty" if empty else ""
    return (
        f"level {level.index}: {level.width} x {level.height} px (1/{level.downsample:.6g}), tiles {level.tile_width} x "
        f"{level.tile_height}, {recipe.codec} {recipe.photometric}, {how}{sparse}"
    )
