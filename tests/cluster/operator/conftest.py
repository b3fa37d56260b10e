"""A stage for each test."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import kopf
import pytest
import yaml

from tests.cluster.operator.api_proxy import api_proxy, write_kubeconfig
from tests.cluster.operator.kubelet import kubelet
from tests.cluster.operator.process import ROOT, OperatorProcess
from tests.cluster.operator.stage import API_VERSION, Stage
from tests.cluster.story.eventually import eventually
from tests.support.needs import missing
from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import NotFound

CRD = ROOT / "charts" / "wsi-streamer-operator" / "files" / "crd.yaml"


@pytest.fixture(scope="session")
def kubeconfig_path(request: pytest.FixtureRequest) -> Path:
    """Of the cluster that all tests of the cluster use."""
    given = os.environ.get("WSI_TEST_KUBECONFIG")
    if given:
        return Path(given)
    try:
        return Path(request.getfixturevalue("api_cluster").kubeconfig)
    except pytest.FixtureLookupError:
        missing("a cluster: set WSI_TEST_KUBECONFIG")


@pytest.fixture(scope="session")
def credentials(kubeconfig_path: Path) -> kopf.ConnectionInfo:
    """Of the kubeconfig's user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(kubeconfig_path))
        found = kopf.login_with_kubeconfig(settings=kopf.OperatorSettings())
    assert found is not None
    return found


@pytest.fixture
async def client(credentials: kopf.ConnectionInfo) -> AsyncIterator[KubeClient]:
    """The tests' own way to the API server."""
    async with KubeClient(lambda: credentials) as found:
        yield found


@pytest.fixture
async def definition(client: KubeClient) -> None:
    """The custom resource's definition, where the cluster has none yet."""
    at = Address("apiextensions.k8s.io/v1", "customresourcedefinitions", None, "wsistreamers.wsistreamer.io")
    try:
        await client.get(at)
    except NotFound:
        await client.apply(at, yaml.safe_load(CRD.read_text()), manager="test", force=True)
        await eventually(lambda: _served(client), "the API server serves what was defined", seconds=30, pause=0.2)


async def _served(client: KubeClient) -> bool:
    try:
        await client.list(Address(API_VERSION, "wsistreamers"))
    except NotFound:
        return False
    return True


@pytest.fixture
async def stage(
    client: KubeClient, credentials: kopf.ConnectionInfo, definition: None, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A namespace of the test's own, and an operator for it that isn't started yet."""
    async with (
        namespace_of_its_own(client) as namespace,
        api_proxy(credentials) as proxy,
        kubelet(client, namespace) as pods,
    ):
        config = tmp_path / "kubeconfig"
        config.write_text(write_kubeconfig(proxy.kubeconfig()))
        found = Stage(client, namespace, proxy, pods, OperatorProcess(config, namespace, tmp_path))
        try:
            yield found
        finally:
            await found.operator.kill()


@contextlib.asynccontextmanager
async def namespace_of_its_own(client: KubeClient) -> AsyncIterator[str]:
    """Its name; it goes afterwards, and with it all that is in it."""
    at = Address("v1", "namespaces")
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "r-"}}
    made = await client.create(at, body, manager="test")
    name = str(made["metadata"]["name"])
    try:
        yield name
    finally:
        await client.delete(at.of(name), uid=made["metadata"]["uid"])
