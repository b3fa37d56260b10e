"""What the operator's chart says after an install: Helm prints notes only where it has a cluster, so a manifest repeats them here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.chart_files import OPERATOR
from tests.support.helm import template

SAID = 'kind: Said\nnotes: {{ include (print $.Template.BasePath "/NOTES.txt") . | toJson }}\n'


@pytest.mark.parametrize("wide", ["true", "false"])
async def test_one_namespace_has_one_operator(tmp_path: Path, wide: str) -> None:
    """By a label that finds the operator's Deployment whatever it is called, and a variable that it has."""
    chart = tmp_path / OPERATOR.name
    shutil.copytree(OPERATOR, chart)
    (chart / "templates" / "said.yaml").write_text(SAID)
    found = await template(chart, f"watch.clusterWide={wide}", "fullnameOverride=eyes", "nameOverride=other")
    (said,) = found.of_kind("Said")
    (deployment,) = found.of_kind("Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    labels = deployment["metadata"]["labels"]

    for text in (said["notes"], (OPERATOR / "README.md").read_text()):
        assert "undo each other's work without end" in text
        asked = text.partition("kubectl get deploy -A -l ")[2]
        name, _, value = asked.split()[0].partition("=")
        assert labels[name] == value
        variable = asked.partition('@.name=="')[2].partition('"')[0]
        assert variable in {item["name"] for item in container["env"]}
