"""The cluster's fixtures stand in tests/support/cluster.py and cluster_parts.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.cluster.api_server import ApiServer
from tests.cluster.outcome import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.kubectl import Cluster


@pytest.fixture
def server(api_cluster: Cluster) -> ApiServer:
    """The API server, asked by kubectl."""
    return ApiServer(api_cluster.kubeconfig)


@pytest_asyncio.fixture
async def restricted(server: ApiServer) -> AsyncIterator[str]:
    """A namespace of the test's own, with Pod Security "restricted"."""
    async with server.namespace() as name:
        yield name
