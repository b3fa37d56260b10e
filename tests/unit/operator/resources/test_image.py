"""Which image pods run, and how nodes pull it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.operator.samples import MINIMAL, situation, streamer_of
from wsi_operator.resources.children import desired, migration_job

DEFAULT = situation().default_image


@pytest.mark.parametrize(
    ("asked", "image", "policy", "secrets"),
    [
        ({"pullSecrets": ["mirror"]}, DEFAULT, "IfNotPresent", [{"name": "mirror"}]),
        ({"pullPolicy": "Always"}, DEFAULT, "Always", None),
        ({}, DEFAULT, "IfNotPresent", None),
        ({"repository": "r.test/a", "tag": "2", "pullSecrets": ["b"]}, "r.test/a:2", "IfNotPresent", [{"name": "b"}]),
    ],
)
def test_how_to_pull_chooses_no_image(
    asked: dict[str, Any], image: str, policy: str, secrets: list[dict[str, str]] | None
) -> None:
    streamer = streamer_of({**MINIMAL, "image": asked})
    templates = [
        item["spec"]["template"]["spec"]
        for item in (migration_job(streamer, situation()), *desired(streamer, situation()))
        if item["kind"] in ("Job", "Deployment")
    ]
    assert len(templates) == 3
    for spec in templates:
        assert {(found["image"], found["imagePullPolicy"]) for found in spec["containers"]} == {(image, policy)}
        assert spec.get("imagePullSecrets") == secrets
