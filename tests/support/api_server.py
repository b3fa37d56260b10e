"""What the API server says to a manifest; the custom resource is known to it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.support.crd import CRD_FILE
from tests.support.helm import cluster_program


@dataclass(frozen=True, slots=True)
class Said:
    """How a call of kubectl ended."""

    accepted: bool
    text: str
    """Output, and what was complained of."""


@dataclass(frozen=True, slots=True)
class ApiServer:
    """Asked by kubectl, so that its answers are those that a user reads."""

    kubeconfig: Path

    async def ask(self, *arguments: str, stdin: str | None = None) -> Said:
        """Run kubectl. Skips the test where there is none."""
        process = await asyncio.create_subprocess_exec(
            cluster_program("kubectl"), "--kubeconfig", str(self.kubeconfig), *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate(None if stdin is None else stdin.encode())
        return Said(process.returncode == 0, out.decode() + err.decode())

    async def must(self, *arguments: str, stdin: str | None = None) -> str:
        """Output of a kubectl that has to succeed."""
        said = await self.ask(*arguments, stdin=stdin)
        assert said.accepted, said.text
        return said.text

    async def dry_run(self, namespace: str, manifest: Mapping[str, Any]) -> Said:
        """Whether the server would take an object; it keeps nothing."""
        return await self.ask("-n", namespace, "apply", "--dry-run=server", "-f", "-", stdin=json.dumps(manifest))

    @asynccontextmanager
    async def namespace(self, *, enforced: str = "restricted") -> AsyncIterator[str]:
        """A namespace with a level of Pod Security, gone afterwards."""
        name = f"c-{uuid4().hex[:8]}"
        labels = {"pod-security.kubernetes.io/enforce": enforced, "pod-security.kubernetes.io/warn": enforced}
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        await self.must("create", "-f", "-", stdin=json.dumps(manifest))
        try:
            yield name
        finally:
            await self.must("delete", "namespace", name, "--wait=false")


class HasKubeconfig(Protocol):
    """A cluster."""

    @property
    def kubeconfig(self) -> Path:
        """Of somebody who may do anything."""


@pytest.fixture(scope="session")
def server(api_cluster: HasKubeconfig) -> ApiServer:
    """The cluster's API server, with the custom resource as it is in this tree. No node is needed."""
    line = [cluster_program("kubectl"), "--kubeconfig", str(api_cluster.kubeconfig)]
    applied = [*line, "apply", "--server-side", "--force-conflicts", "-f", str(CRD_FILE)]
    subprocess.run(applied, check=True, capture_output=True, timeout=60)
    waited = [*line, "wait", "--for=condition=Established", "crd/wsistreamers.wsistreamer.io", "--timeout=30s"]
    subprocess.run(waited, check=True, capture_output=True, timeout=60)
    return ApiServer(api_cluster.kubeconfig)


@pytest_asyncio.fixture
async def restricted(server: ApiServer) -> AsyncIterator[str]:
    """A namespace of the test's own, with Pod Security "restricted"."""
    async with server.namespace() as name:
        yield name
