"""The cluster of the tests: the one that KUBECONFIG names."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.cluster.api_server import ApiServer
from tests.support.needs import missing


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that tests may use."""

    kubeconfig: Path


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """Skips where there is none."""
    named = os.environ.get("KUBECONFIG")
    if not named or not Path(named).is_file():
        missing("a cluster: set KUBECONFIG")
    return Cluster(Path(named))


@pytest.fixture
def server(cluster: Cluster) -> ApiServer:
    """Its API server, asked by kubectl."""
    return ApiServer(cluster.kubeconfig)


@pytest_asyncio.fixture
async def restricted(server: ApiServer) -> AsyncIterator[str]:
    """A namespace of the test's own, with Pod Security "restricted"."""
    async with server.namespace() as name:
        yield name
