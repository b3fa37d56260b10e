"""What a format's own reader makes of a file's directories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wsi_streamer.formats.ifd import Ifd


@dataclass(frozen=True, slots=True)
class Found:
    """The images of one slide and what is said about it, before any tile table is read."""

    format: str
    levels: tuple[Ifd, ...]
    """Level 0 first, each smaller than the one before."""

    associated: Mapping[str, Ifd] = field(default_factory=dict)
    """By name: thumbnail, label, macro."""

    finer: bool = False
    """Sparse tiles of the lower levels show the next finer level."""

    mpp_x: float | None = None
    mpp_y: float | None = None
    objective: float | None = None
    scanner: str | None = None
    acquired: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
