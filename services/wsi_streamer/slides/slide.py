"""A slide, as the parser finds it and as the catalog serves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wsi_streamer.slides.errors import InvalidLevel
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.tile_table import TileTable


class SlideStatus(StrEnum):
    """Where a slide stands in the catalog."""

    PENDING = "pending"
    """Listed, not parsed yet."""

    INDEXED = "indexed"
    """Served."""

    FAILED = "failed"
    """Broken: truncated, damaged, or its parser was killed."""

    UNSUPPORTED = "unsupported"
    """Sound, but of a kind that is not served."""

    ARCHIVED = "archived"
    """In a storage class that can't be read at once (Glacier)."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the bucket as a listing or a HEAD shows it."""

    key: str
    etag: str
    """As sent, quotes included."""

    size: int
    """Bytes."""

    last_modified: datetime | None = None
    storage_class: str = "STANDARD"


@dataclass(frozen=True, slots=True)
class AssociatedImage:
    """A thumbnail, label or macro: located by the indexer, never part of the pyramid."""

    name: str
    """``thumbnail``, ``label`` or ``macro``."""

    level: Level
    """Its geometry. A strip counts as a tile of the image's width; the last strip may be short."""

    table: TileTable


@dataclass(frozen=True, slots=True)
class ParsedSlide:
    """All that the parser found in a slide's objects."""

    format: str
    """"Aperio SVS", "Generic Pyramidal TIFF", …"""

    levels: tuple[Level, ...]
    tables: tuple[TileTable, ...]
    """One for each level, whole."""

    mpp_x: float | None = None
    """µm a pixel at level 0."""

    mpp_y: float | None = None
    objective: float | None = None
    """Objective power, 20 for 20x."""

    scanner: str | None = None
    acquired: str | None = None
    """When it was scanned, ISO 8601 as far as the file says."""

    icc_profile: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    """The vendor's own names and values."""

    associated_images: tuple[AssociatedImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide that can be served: one version of it, without its tile tables."""

    id: str
    """Opaque; survives the object's replacement."""

    key: str
    version: str
    """Hash of the objects' etags and the recipe version: changes when a pixel may."""

    version_id: int
    """The catalog's handle of the version."""

    format: str
    objects: tuple[StoredObject, ...]
    levels: tuple[Level, ...]
    overviews: tuple[Level, ...] = ()
    """Levels coarser than any stored one, made by the indexer and kept in the catalog, where a made tile would
    have to read too many stored tiles."""

    mpp_x: float | None = None
    mpp_y: float | None = None
    objective: float | None = None
    scanner: str | None = None
    acquired: str | None = None
    icc_profile: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    associated_images: tuple[str, ...] = ()
    """Names only."""

    @property
    def width(self) -> int:
        """Pixels at level 0."""
        return self.levels[0].width

    @property
    def height(self) -> int:
        """Pixels at level 0."""
        return self.levels[0].height

    def level(self, index: int) -> Level:
        """A stored level.

        Raises:
            InvalidLevel: there is no such level.
        """
        if not 0 <= index < len(self.levels):
            last = len(self.levels) - 1
            raise InvalidLevel(f"Level {index} does not exist: this slide has levels 0 to {last}.")
        return self.levels[index]
