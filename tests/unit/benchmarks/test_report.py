"""Figures, ratios, targets and tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.markdown import tables
from tests.benchmarks.report import Figures, Report, Row, quantile, times_better
from tests.benchmarks.targets import judge

VIEWPORT = "8x5 row, 6 connections"


def row(server: str, pattern: str = "cold viewports, 20 ms", case: str = VIEWPORT, **figures: float) -> Row:
    return Row(pattern, case, server, Figures(**figures))  # type: ignore[arg-type]


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert quantile(list(range(1, 101)), 0.95) == 95
    assert quantile([], 0.5) is None


def test_a_higher_rate_and_a_lower_latency_are_better() -> None:
    assert times_better(Figures(rate=30.0, p50_ms=9.0), Figures(rate=10.0, p50_ms=1.0)) == 3
    assert times_better(Figures(p50_ms=50.0), Figures(p50_ms=200.0)) == 4
    assert times_better(Figures(rss_mb=5.0), Figures(p50_ms=200.0)) is None


def test_targets_know_the_rows_of_a_viewport_and_the_peer() -> None:
    words = dict(judge(row("ours", round_trips=2.4, gets=8.0, bytes_ratio=1.36, first_round_trips=5.0), None))
    assert words == {"trips ≤ 2.5": True, "GETs ≤ 8": True, "x own bytes ≤ 1.35": False, "first ≤ 5.5": True}
    pan = row("ours", "pans, 20 ms", "one column at a time", p50_ms=40.0)
    assert judge(pan, row("peer", "pans, 20 ms", "one column at a time", p50_ms=39.0)) == [("1 x the peer", False)]
    assert judge(pan, None) == []


@pytest.mark.parametrize(
    ("rate", "yardstick", "met"), [(31_000, 60_000, True), (20_000, 26_000, True), (29_000, 46_000, False)]
)
def test_warm_tiles_need_a_share_of_the_yardstick_or_enough(rate: float, yardstick: float, met: bool) -> None:
    warm = row("ours", "warm tiles", "access open, 32 connections", rate=rate, yardstick=yardstick)
    assert [found for _, found in judge(warm, None)] == [met]


@pytest.mark.parametrize("case", ["viewer token", "grant"])
def test_with_access_on_warm_tiles_are_held_against_open_access(case: str) -> None:
    for rate, met in ((27_100, True), (26_900, False)):
        warm = row("ours", "warm tiles", f"{case}, 32 connections", rate=rate, yardstick=30_000)
        assert judge(warm, None) == [("0.9 x open access", met)]


def test_a_run_becomes_tables_by_way_of_its_file(tmp_path: Path) -> None:
    report = Report(
        [row("ours", p50_ms=50.0, round_trips=2.5, gets=7.0), row("peer", p50_ms=175.0, round_trips=8.75)], ["x"]
    )
    report.write(tmp_path / "run" / "bench.json")
    lines = tables(Report.read(tmp_path / "run" / "bench.json")).splitlines()
    assert lines[0].endswith("before the run.")
    assert lines[2] == "### Cold viewports, 20 ms"
    assert lines[4] == "| case | p50 ms | trips | GETs | times better | target |"
    assert lines[6] == f"| {VIEWPORT} | 50.0 / 175.0 | 2.50 / 8.75 | 7.00 / - | 3.50 | trips ≤ 2.5; GETs ≤ 8 |"
    assert lines[-1] == "- skipped: x"
