"""A slide in a worker's memory, and the levels it can read from."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.slides.level import Level
from wsi_streamer.slides.slide import Slide


@dataclass(frozen=True, slots=True)
class ReadableLevel:
    """A level whose tiles can be read: a stored one (S3), or an overview (catalog)."""

    level: Level
    overview: bool = False

    @property
    def table_no(self) -> int:
        """The catalog's number of its tile table: overviews count from -1 down."""
        return ~self.level.index if self.overview else self.level.index


def stored_level(slide: Slide, index: int) -> ReadableLevel:
    """A stored level of a slide.

    Raises:
        InvalidLevel: there is no such level.
    """
    return ReadableLevel(slide.level(index))


def readable_levels(slide: Slide) -> list[ReadableLevel]:
    """All, coarsest first."""
    levels = [ReadableLevel(level) for level in slide.levels]
    levels += [ReadableLevel(level, overview=True) for level in slide.overviews]
    return sorted(levels, key=lambda readable: readable.level.downsample, reverse=True)
