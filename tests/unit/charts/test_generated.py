"""What is generated is up to date, and schemas know the values and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.chart_files import INSTANCE, OPERATOR, as_values, generated, instance_schema, rows
from tests.support.crd import spec_schema

CHARTS = (OPERATOR, INSTANCE)


def objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All objects that a schema describes."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for name, inner in schema.items():
            yield from objects(inner, f"{path}/{name}")


def test_generated_files_are_up_to_date() -> None:
    for path, text in generated().items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is out of date: python -m tests.support.chart_files"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_schema_and_values_name_the_same(chart: Path) -> None:
    def compare(values: Any, schema: dict[str, Any], path: str) -> None:
        if isinstance(values, dict) and values and "properties" in schema:
            assert set(values) == set(schema["properties"]), path
            for name, inner in values.items():
                compare(inner, schema["properties"][name], f"{path}.{name}")

    compare(
        yaml.safe_load((chart / "values.yaml").read_text()), json.loads((chart / "values.schema.json").read_text()), ""
    )


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_misspelt_values_have_no_place(chart: Path) -> None:
    """Open are maps of texts, what Kubernetes defines, and ``global``, which belongs to parent charts too."""
    kubernetes = ("Affinity", "Selector", "valueFrom", "topologySpreadConstraints", "global")
    for path, schema in objects(json.loads((chart / "values.schema.json").read_text())):
        if schema.get("additionalProperties") is False or isinstance(schema.get("additionalProperties"), dict):
            continue
        assert any(name in path for name in kubernetes), path


def test_the_instance_knows_every_field_of_the_resource() -> None:
    properties = instance_schema()["properties"]
    assert set(spec_schema()["properties"]) <= set(properties)
    tiles = properties["tiles"]["properties"]
    assert tiles["replicas"]["maximum"] == 1000
    assert tiles["pdb"]["properties"]["maxUnavailable"]["type"] == ["string", "number"]
    assert as_values({"type": "array", "items": {"type": "string", "default": "a"}})["items"] == {"type": "string"}


def test_a_value_without_comment_is_found() -> None:
    with pytest.raises(ValueError, match=r"a\.c has no comment"):
        list(rows("a:\n  # Yes.\n  b: 1\n\n  c: 2\n"))
    (row,) = rows("# Not this.\n\na:\n  # First\n  # and second.\n  b: [x]\n")
    assert (row.path, row.default, row.text) == ("a.b", '["x"]', "First and second.")
