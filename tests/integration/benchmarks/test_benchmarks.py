"""The harness of ``make bench`` still runs: servers, proxy, client and counts; what it finds is no test's business."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.needs import missing
from tests.support.s3server import ensure_versitygw

REPO = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module", autouse=True)
def s3_server_is_built() -> None:
    try:
        ensure_versitygw()
    except RuntimeError as error:
        missing(str(error))


def test_viewports_and_a_hang_up_are_measured(tmp_path: Path) -> None:
    written = tmp_path / "bench.json"
    line = [
        sys.executable,
        "-m",
        "tests.benchmarks",
        "--quick",
        "--patterns",
        "viewports,cancelled",
        "--json",
        str(written),
    ]
    line += ["--sizes", "6x4", "--orders", "row", "--connections", "6"]
    done = subprocess.run(line, cwd=REPO, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    rows = {row["pattern"]: row["figures"] for row in json.loads(written.read_text())["rows"]}
    view, hang_up = rows["cold viewports, 20 ms"], rows["cancelled, then 100 others, 20 ms"]
    # What can't be otherwise: S3 is 20 ms away, and 24 tiles come from it, each at least once.
    assert view["p50_ms"] >= 20
    assert view["round_trips"] == pytest.approx(view["p50_ms"] / 20)
    assert 1 <= view["gets"] <= 30
    assert view["bytes_ratio"] >= 0.99
    assert view["cpu_ms"] > 0
    assert view["rss_mb"] > 10
    assert view["failed"] == hang_up["failed"] == 0
    assert "cold viewports" in done.stdout
