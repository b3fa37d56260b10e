"""The cluster that KUBECONFIG names, until `tests.support.cluster` brings one: then this file goes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.needs import missing


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that tests may use."""

    kubeconfig: Path


@pytest.fixture(scope="session")
def api_cluster() -> Cluster:
    """Skips where there is none."""
    named = os.environ.get("KUBECONFIG")
    if not named or not Path(named).is_file():
        missing("a cluster: set KUBECONFIG")
    return Cluster(Path(named))
