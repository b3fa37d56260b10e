"""What `verify` has found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["changed", "missing", "reordered", "added", "cut off", "forged anchor", "false witness"]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a chain."""

    writer: str
    seq: int
    """Of the record that is wrong, or the first that is not there."""
    kind: Kind
    what: str


@dataclass(frozen=True, slots=True)
class Late:
    """Records of a writer that Postgres got much later than they say they happened: they waited on a disk, or were made
    up afterwards. Times as in records."""

    writer: str
    records: int
    first: str
    last: str
    stored: str
    """When the last of them came."""


@dataclass(slots=True)
class Report:
    """Filled while the log is read."""

    records: int = 0
    writers: int = 0
    anchors: int = 0
    against: int = 0
    """Heads kept elsewhere that were compared."""
    faults: list[Fault] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Last number and hash (hex) of each writer."""
