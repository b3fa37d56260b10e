"""What each sample resource is made of, to the byte. After a change that is meant:
UPDATE_SNAPSHOTS=1 python -m pytest tests/unit/operator/resources/test_snapshots.py, and read the difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.unit.operator.samples import SAMPLES, situation, streamer_of
from wsi_operator.resources.children import desired, migration_job

FOLDER = Path(__file__).parent / "snapshots"
UPDATE = "UPDATE_SNAPSHOTS"


@pytest.mark.parametrize("name", SAMPLES)
def test_the_children_of_a_sample_are_as_they_were(name: str) -> None:
    streamer = streamer_of(SAMPLES[name])
    versions = {(found.kind, found.name): "1" for found in streamer.references()}
    now = situation(versions=versions)
    manifests = [migration_job(streamer, now), *desired(streamer, now)]
    made = yaml.safe_dump_all(manifests, sort_keys=True, width=150, allow_unicode=True)
    file = FOLDER / f"{name}.yaml"
    if os.environ.get(UPDATE):
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8"), f"read the difference; if it is meant: {UPDATE}=1"


def test_there_is_no_snapshot_of_nothing() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(SAMPLES)
