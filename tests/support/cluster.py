"""A real Kubernetes: this machine's own (tests/cluster/machine), or the one that WSI_TEST_KUBECONFIG names.

The variable is not KUBECONFIG: what that names in somebody's shell may be a hospital's own cluster.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.cluster.machine.binaries import ALL, CONTROL_PLANE, ensure_binaries
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

    usage: Usage | None = None
    was_used: bool = False
    """By this process, or by one of its workers."""

    def begin(self, *, node: bool) -> Usage:
        if self.usage is None:
            self.was_used = True
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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells whether it used the cluster."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["used_cluster"] = session.config.stash[_USES].was_used


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker has ended; one that was killed has told nothing."""
    told = getattr(node, "workeroutput", None)
    if told is None or told.get("used_cluster", True):
        node.config.stash[_USES].was_used = True


def pytest_unconfigure(config: pytest.Config) -> None:
    """At the end of a run, also of one that failed or was interrupted: the cluster goes with its last user."""
    uses = config.stash.get(_USES, None)
    if uses is None:
        return
    uses.end()
    if uses.was_used and not hasattr(config, "workerinput"):
        end_unused()


@pytest.fixture(scope="session")
def api_cluster(request: pytest.FixtureRequest) -> Cluster:
    """A cluster whose API is enough: a node may be missing, as on a machine without root."""
    given = os.environ.get("WSI_TEST_KUBECONFIG")
    if given:
        return Cluster(Path(given).absolute())
    node = why_no_node() is None and not missing_packages()
    ensure_binaries(ALL if node else CONTROL_PLANE)
    layout = request.config.stash[_USES].begin(node=node).layout
    return Cluster(layout.kubeconfig, layout, has_node=layout.has_node)


@pytest.fixture(scope="session")
def cluster(api_cluster: Cluster) -> Cluster:
    """A cluster with a node, that runs pods."""
    if not api_cluster.has_node:
        missing(why_no_node() or f"a Kubernetes node (packages: {', '.join(missing_packages())})")
    return api_cluster


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def deleted_namespaces(api_cluster: Cluster) -> AsyncIterator[list[str]]:
    """Those that tests have deleted; at the end of the run all must be gone. Each takes Kubernetes five seconds: no test
    waits for its own."""
    names: list[str] = []
    yield names
    if names:
        await api_cluster.wait("--for=delete", *(f"namespace/{name}" for name in names), seconds=90)


@pytest_asyncio.fixture
async def namespace(api_cluster: Cluster, deleted_namespaces: list[str]) -> AsyncIterator[Cluster]:
    """The cluster, with a namespace of the test's own where Pod Security "restricted" is enforced."""
    async with new_namespace(api_cluster) as inside:
        yield inside
    deleted_namespaces.append(str(inside.namespace))


@contextlib.asynccontextmanager
async def new_namespace(cluster: Cluster, *, prefix: str = "test") -> AsyncIterator[Cluster]:
    """A fresh namespace, for fixtures of any scope. Afterwards it is deleted, and gone some seconds later."""
    name = f"{prefix}-{secrets.token_hex(4)}"
    await cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": RESTRICTED}})
    try:
        yield cluster.within(name)
    finally:
        await cluster.kubectl("delete", "namespace", name, "--wait=false")
