"""What Chart.yaml says of the charts is so."""

from __future__ import annotations

import re

import yaml

from tests.support.chart_files import CHARTS, OPERATOR

LEVELS = {
    "I": "Basic Install",
    "II": "Seamless Upgrades",
    "III": "Full Lifecycle",
    "IV": "Deep Insights",
    "V": "Auto Pilot",
}


def test_the_operators_level_is_the_one_it_says_it_has() -> None:
    (level,) = re.findall(
        r"This operator is at level ([IV]+)\.", (CHARTS.parent / "operator" / "README.md").read_text()
    )
    annotations = yaml.safe_load((OPERATOR / "Chart.yaml").read_text())["annotations"]
    assert annotations["artifacthub.io/operatorCapabilities"] == LEVELS[level]
