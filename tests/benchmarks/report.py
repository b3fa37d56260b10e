"""What was measured: rows of figures, a table of them on the terminal, the same as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROUND_TRIP = 0.02
"""Seconds that a request to S3 takes longer in patterns that put a distance there."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one case on one server; None is what could not be known or does not apply."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    first_ms: float | None = None
    """Of the first one, where it is another matter than the following."""

    round_trips: float | None = None
    """p50 in S3 round trips of 20 ms."""

    first_round_trips: float | None = None
    rate: float | None = None
    """A second."""

    gets: float | None = None
    """Object GETs that reached S3, a piece."""

    other_requests: float | None = None
    """HEADs and LISTs, a piece."""

    s3_mb: float | None = None
    """Bytes of S3's answers, a piece, in 10**6."""

    bytes_ratio: float | None = None
    """Those bytes over the tiles' own."""

    cpu_ms: float | None = None
    """CPU of the server, milliseconds a piece."""

    rss_mb: float | None = None
    yardstick: float | None = None
    """The rate of the plain thing that was measured beside it."""

    failed: int = 0
    """Requests that were refused or not answered."""


@dataclass(frozen=True, slots=True)
class Row:
    """Figures with their place."""

    pattern: str
    case: str
    server: str
    figures: Figures
    note: str = ""


COLUMNS: dict[str, tuple[str, str]] = {
    # field: heading, format
    "p50_ms": ("p50 ms", ",.1f"),
    "p95_ms": ("p95 ms", ",.1f"),
    "round_trips": ("trips", ".2f"),
    "first_round_trips": ("first", ".2f"),
    "rate": ("rate/s", ",.0f"),
    "yardstick": ("plain/s", ",.0f"),
    "gets": ("GETs", ",.2f"),
    "other_requests": ("other", ",.2f"),
    "s3_mb": ("S3 MB", ",.3f"),
    "bytes_ratio": ("x own", ".2f"),
    "cpu_ms": ("CPU ms", ",.3f"),
    "rss_mb": ("RSS MB", ",.0f"),
    "failed": ("failed", "d"),
}

_CASE = 44


@dataclass(slots=True)
class Report:
    """All rows of a run; each is printed as it comes."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    machine: dict[str, str | int] = field(default_factory=lambda: machine())
    """Where and when it began."""

    _heading: str = ""

    def add(self, row: Row) -> None:
        """Keep a row and print it."""
        if row.pattern != self._heading:
            self._heading = row.pattern
            heads = "".join(f"{head:>10}" for head, _ in COLUMNS.values())
            print(f"\n{row.pattern:{_CASE}}{'':7}{heads}", flush=True)
        self.rows.append(row)
        cells = "".join(f"{shown(row.figures, name):>10}" for name in COLUMNS)
        print(f"{row.case:{_CASE}}{row.server:7}{cells}  {row.note}".rstrip(), flush=True)

    def skip(self, what: str) -> None:
        """Say that something was left out, and why."""
        self.skipped.append(what)
        print(f"  skipped: {what}", flush=True)

    def ratios(self) -> list[tuple[Row, Row, float]]:
        """Our row, the peer's, and how many times better ours is."""
        peers = {(row.pattern, row.case): row for row in self.rows if row.server == "peer"}
        pairs = [(row, peers.get((row.pattern, row.case))) for row in self.rows if row.server == "ours"]
        compared = [(row, peer, times_better(row.figures, peer.figures)) for row, peer in pairs if peer is not None]
        return [(row, peer, ratio) for row, peer, ratio in compared if ratio is not None]

    def print_ratios(self) -> None:
        """How many times better, where there is a peer."""
        pairs = self.ratios()
        if pairs:
            print(f"\n{'times better than the peer':{_CASE}}")
        for ours, peer, ratio in pairs:
            print(
                f"{ours.pattern + ', ' + ours.case:60}{primary(ours.figures):>16}{primary(peer.figures):>16}{ratio:>8.2f}"
            )

    def write(self, path: Path) -> None:
        """As JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {"machine": self.machine, "rows": [asdict(row) for row in self.rows], "skipped": self.skipped}
        path.write_text(json.dumps(told, indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Report:
        """What `write` wrote."""
        told = json.loads(path.read_text())
        rows = [Row(**(row | {"figures": Figures(**row["figures"])})) for row in told["rows"]]
        return cls(rows, told["skipped"], told["machine"])


def shown(figures: Figures, name: str) -> str:
    """A figure as the tables show it; nothing where there is none."""
    value = getattr(figures, name)
    if value is None or (name == "failed" and not value):
        return ""
    return format(value, COLUMNS[name][1])


def times_better(ours: Figures, peer: Figures) -> float | None:
    """Above 1 where ours is better, by the figure that matters: the rate, else the median."""
    if ours.rate and peer.rate:
        return ours.rate / peer.rate
    if ours.p50_ms and peer.p50_ms:
        return peer.p50_ms / ours.p50_ms
    return None


def primary(figures: Figures) -> str:
    """The figure that `times_better` compares."""
    if figures.rate is not None:
        return f"{figures.rate:,.0f}/s"
    return "" if figures.p50_ms is None else f"{figures.p50_ms:,.1f} ms"


def quantile(values: Sequence[float], share: float) -> float | None:
    """Of the values as they are, without interpolation: the least that ``share`` of them don't exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def machine() -> dict[str, str | int]:
    """Where it was measured."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else ""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "system": platform.platform(),
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "python": sys.version.split()[0],
        "load": f"{os.getloadavg()[0]:.1f}",
    }
