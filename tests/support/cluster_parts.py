"""What slides need beside the services, within reach of pods: images, an S3 server and a Postgres.

On this machine's own cluster servers listen on this machine. On another one (WSI_TEST_KUBECONFIG) they run as pods of the services'
image, and WSI_TEST_IMAGE and WSI_TEST_OPERATOR_IMAGE name the images that its nodes can pull.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from tests.cluster.machine.images import Built, ensure_images
from tests.cluster.machine.packages import why_no_node
from tests.cluster.machine.session import load_once, locked
from tests.support import open_postgres
from tests.support.cluster_pods import postgres_pod, s3_pod
from tests.support.kubectl import Cluster
from tests.support.needs import missing
from tests.support.postgres import execute, named
from tests.support.s3server import Bucket, S3Server, free_port


@dataclass(frozen=True, slots=True)
class Images:
    """References that pods can name."""

    services: str
    services_next: str
    """A later release of the services, to upgrade to."""

    operator: str


@dataclass(frozen=True, slots=True)
class ClusterS3:
    """An S3 server."""

    endpoint: str
    """For pods."""

    server: S3Server
    """For this process."""

    def new_bucket(self) -> Bucket:
        """An empty one."""
        name = f"test-{secrets.token_hex(6)}"
        self.server.client().create_bucket(Bucket=name)
        return Bucket(self.server, name)


@dataclass(frozen=True, slots=True)
class ClusterPostgres:
    """A database server, by a user who may do anything."""

    url: str
    """For pods."""

    local_url: str
    """For this process."""

    async def new_database(self) -> ClusterPostgres:
        """An empty database of its own."""
        name = f"test_{secrets.token_hex(6)}"
        await execute(self.local_url, f"CREATE DATABASE {name}")
        return ClusterPostgres(named(self.url, name), named(self.local_url, name))

    async def new_user(self, *, owns: bool = False) -> ClusterPostgres:
        """The same database by a new user, who owns it or has no rights yet."""
        name, password = f"user_{secrets.token_hex(6)}", secrets.token_hex(16)
        await execute(self.local_url, f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        if owns:
            await execute(self.local_url, f"ALTER DATABASE {make_url(self.url).database} OWNER TO {name}")

        def by(url: str) -> str:
            return make_url(url).set(username=name, password=password).render_as_string(hide_password=False)

        return ClusterPostgres(by(self.url), by(self.local_url))


@pytest.fixture(scope="session")
def built_images() -> Images:
    """The project's images in podman's storage, without a cluster."""
    if os.environ.get("WSI_TEST_KUBECONFIG"):
        missing("images of this tree (they are tested by `make test`, not on another cluster)")
    reason = why_no_node()
    if reason is not None:
        missing(reason)
    services, operator = _built()
    return Images(services.tag, services.next_tag, operator.tag)


@pytest.fixture(scope="session")
def images(cluster: Cluster) -> Images:
    """The project's images, where the node finds them."""
    if cluster.layout is None:
        services, operator = os.environ.get("WSI_TEST_IMAGE"), os.environ.get("WSI_TEST_OPERATOR_IMAGE")
        if not services or not operator:
            missing("images for another cluster: WSI_TEST_IMAGE and WSI_TEST_OPERATOR_IMAGE")
        return Images(services, os.environ.get("WSI_TEST_IMAGE_NEXT", services), operator)
    services, operator = _built()
    load_once(cluster.layout, [services.archive, operator.archive])
    return Images(services.tag, services.next_tag, operator.tag)


def _built() -> tuple[Built, Built]:
    with locked("images"):  # one process builds
        return ensure_images()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster_s3(
    cluster: Cluster, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ClusterS3]:
    """A real S3 server that pods reach."""
    if cluster.layout is None:
        async with s3_pod(cluster, request.getfixturevalue("images").services) as (endpoint, server):
            yield ClusterS3(endpoint, server)
        return
    server = await asyncio.to_thread(
        S3Server.start, tmp_path_factory.mktemp("cluster-s3"), host=cluster.layout.network.host
    )
    yield ClusterS3(server.endpoint, server)
    await asyncio.to_thread(server.stop)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster_postgres(cluster: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[ClusterPostgres]:
    """A real Postgres that pods reach."""
    if cluster.layout is None:
        async with postgres_pod(cluster, request.getfixturevalue("images").services) as (url, local):
            yield ClusterPostgres(url, local)
        return
    with _postgres(cluster.layout.network.host) as url:
        yield ClusterPostgres(url, url)


@pytest_asyncio.fixture
async def cluster_database(cluster_postgres: ClusterPostgres) -> ClusterPostgres:
    """An empty database of the test's own. It goes with the server."""
    return await cluster_postgres.new_database()


@pytest.fixture
def cluster_bucket(cluster_s3: ClusterS3) -> Bucket:
    """An empty bucket of the test's own. It goes with the server."""
    return cluster_s3.new_bucket()


@contextlib.contextmanager
def _postgres(host: str) -> Iterator[str]:
    # Not below pytest's own folder: as root the server is another user, and pytest closes that folder to others.
    folder = Path(tempfile.mkdtemp(prefix="wsi-pg-"))
    port, password = free_port(), secrets.token_hex(16)
    command = [sys.executable, open_postgres.__file__, str(folder), host, str(port)]
    env = os.environ | {"PGPASSWORD": password}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield f"postgresql://{open_postgres.USER}:{password}@{host}:{port}/postgres"
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
