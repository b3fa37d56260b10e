"""A real Kubernetes: this machine's own (tests/cluster/machine), or the one that WSI_TEST_KUBECONFIG names.

The variable is not KUBECONFIG: what that names in somebody's shell may be a hospital's own cluster.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cluster.machine.binaries import ensure_binaries, missing_binaries
from tests.cluster.machine.packages import missing_packages, why_no_node
from tests.cluster.machine.session import Usage, end_unused
from tests.support.kubectl import Cluster
from tests.support.needs import missing

RESTRICTED = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
}


@dataclass(slots=True)
class _Uses:
    """What this process holds of the cluster until it ends: tests of other files may come."""

    usage: Usage | None = field(default=None)

    def begin(self, *, node: bool) -> Usage:
        if self.usage is None:
            self.usage = Usage.begin(node=node)
        return self.usage

    def end(self) -> None:
        if self.usage is not None:
            self.usage.close()
            self.usage = None


_USES = pytest.StashKey[_Uses]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is started before a test asks for it."""
    config.stash[_USES] = _Uses()


def pytest_unconfigure(config: pytest.Config) -> None:
    """At the end of a run, also of one that failed or was interrupted: the cluster goes with its last user."""
    uses = config.stash.get(_USES, None)
    if uses is not None:
        uses.end()
    if not hasattr(config, "workerinput"):
        end_unused()


@pytest.fixture(scope="session")
def api_cluster(request: pytest.FixtureRequest) -> Cluster:
    """A cluster whose API is enough: a node may be missing, as on a machine without root."""
    given = os.environ.get("WSI_TEST_KUBECONFIG")
    if given:
        return Cluster(Path(given).absolute())
    node = why_no_node() is None and not missing_packages()
    if missing_binaries(node=node):
        ensure_binaries(node=node)
    layout = request.config.stash[_USES].begin(node=node).layout
    return Cluster(layout.kubeconfig, layout, has_node=layout.has_node)


@pytest.fixture(scope="session")
def cluster(api_cluster: Cluster) -> Cluster:
    """A cluster with a node, that runs pods."""
    if not api_cluster.has_node:
        missing(why_no_node() or f"a Kubernetes node (packages: {', '.join(missing_packages())})")
    return api_cluster


@pytest.fixture
async def namespace(api_cluster: Cluster) -> AsyncIterator[Cluster]:
    """The cluster, with a namespace of the test's own where Pod Security "restricted" is enforced. It is deleted afterwards,
    and the test fails where something holds it up."""
    async with new_namespace(api_cluster) as found:
        yield found


@contextlib.asynccontextmanager
async def new_namespace(cluster: Cluster, *, prefix: str = "test") -> AsyncIterator[Cluster]:
    """A fresh namespace, for fixtures of any scope. Nothing of it is left.

    Raises:
        CommandError: it can't be deleted in a minute.
    """
    name = f"{prefix}-{secrets.token_hex(4)}"
    await cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": RESTRICTED}})
    yield cluster.within(name)
    await cluster.kubectl("delete", "namespace", name, "--timeout=90s", seconds=100)
