"""What each pattern is to reach, as ratios and round trips of one run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.benchmarks.report import Figures, Row, times_better


@dataclass(frozen=True, slots=True)
class Target:
    """A limit on one figure of the cases it names."""

    pattern: str
    """Beginning of the pattern's name."""

    case: str
    """Regular expression found in the case."""

    figure: str
    at_most: float | None = None
    rows_plus: int | None = None
    """At most the viewport's rows and so many more."""

    times_the_peer: float | None = None
    share_of_yardstick: float | None = None
    yardstick: str = "bare"
    """What the report calls it."""

    or_at_least: float | None = None
    """Enough whatever the yardstick does."""

    def judged(self, ours: Row, peer: Row | None) -> tuple[str, bool] | None:
        """The limit in words and whether it is met; nothing where it does not apply or can't be told."""
        if not ours.pattern.startswith(self.pattern) or re.search(self.case, ours.case) is None:
            return None
        if self.times_the_peer is not None:
            ratio = None if peer is None else times_better(ours.figures, peer.figures)
            return None if ratio is None else (f"{self.times_the_peer:g} x the peer", ratio >= self.times_the_peer)
        value = getattr(ours.figures, self.figure)
        if value is None:
            return None
        if self.share_of_yardstick is not None:
            return self._beside_yardstick(value, ours.figures)
        limit = self.at_most if self.rows_plus is None else _rows(ours.case) + self.rows_plus
        assert limit is not None
        return f"{_WORDS.get(self.figure, self.figure)} ≤ {limit:g}", value <= limit + 1e-9

    def _beside_yardstick(self, value: float, figures: Figures) -> tuple[str, bool] | None:
        if figures.yardstick is None:
            return None
        assert self.share_of_yardstick is not None
        limit = self.share_of_yardstick * figures.yardstick
        words = f"{self.share_of_yardstick:g} x {self.yardstick}"
        if self.or_at_least is not None:
            limit, words = min(limit, self.or_at_least), f"{words} or {self.or_at_least:,.0f}/s"
        return words, value >= limit


_WORDS = {
    "round_trips": "trips",
    "first_round_trips": "first",
    "gets": "GETs",
    "other_requests": "other requests",
    "bytes_ratio": "x own bytes",
    "rss_mb": "RSS MB",
    "p95_ms": "p95 ms",
}

_COLD, _HINTED = "cold viewports", "viewports with a hint"

TARGETS = (
    Target(_COLD, ", 6 conn", "round_trips", at_most=2.5),
    Target(_COLD, ", 40 conn", "round_trips", at_most=2.0),
    Target(_COLD, "", "first_round_trips", at_most=5.5),
    Target(_COLD, ", 6 conn", "gets", rows_plus=3),
    Target(_COLD, ", 6 conn", "bytes_ratio", at_most=1.35),
    Target(_HINTED, "", "round_trips", at_most=1.8),
    Target(_HINTED, "", "gets", rows_plus=0),
    Target("pans", "", "p50_ms", times_the_peer=1.0),
    Target("zooms", "", "p50_ms", times_the_peer=1.0),
    Target("several viewers", "", "p50_ms", times_the_peer=1.0),
    Target("cancelled", "", "round_trips", at_most=2.0),
    Target("cancelled", "", "failed", at_most=0),
    Target("cold random tiles", "", "rate", times_the_peer=3.0),
    Target("cold random tiles", "", "bytes_ratio", at_most=1.3),
    Target("open a slide", "both", "round_trips", at_most=2.0),
    Target("open a slide", "both", "gets", at_most=1),
    Target("open a slide", "both", "other_requests", at_most=0),
    Target("200 slides in turn", "", "gets", at_most=1),
    Target("200 slides in turn", "", "other_requests", at_most=0),
    Target("200 slides in turn", "", "rss_mb", at_most=200),
    Target("cold JPEG 2000", "", "rate", times_the_peer=2.0),
    Target("warm tiles", "access open", "rate", share_of_yardstick=0.7, or_at_least=30_000),
    Target("warm tiles", "viewer token|grant", "rate", share_of_yardstick=0.9, yardstick="open access"),
    Target("list and search", "", "p95_ms", at_most=20),
)


def judge(ours: Row, peer: Row | None) -> list[tuple[str, bool]]:
    """All limits that apply to a row of ours, each with whether it is met."""
    return [found for target in TARGETS if (found := target.judged(ours, peer)) is not None]


def _rows(case: str) -> int:
    """Of the viewport that a case names: 5 for ``8x5 row``."""
    size = re.match(r"\d+x(\d+) ", case)
    if size is None:
        raise ValueError(f"no viewport in '{case}'")
    return int(size[1])
