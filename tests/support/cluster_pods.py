"""An S3 server and a Postgres as pods, for clusters that can't reach this machine. They run in the services' image, which
every such cluster has anyway: Postgres is in it, and the S3 server is one file that is sent there."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.support import open_postgres
from tests.support.cluster import new_namespace
from tests.support.kubectl import Cluster
from tests.support.s3server import S3Server, ensure_versitygw

S3_PORT, POSTGRES_PORT = 7070, 5432
PROGRAM = "/tmp/program"
STARTS_WHEN_SENT = f"until [ -e {PROGRAM} ]; do sleep 0.2; done; exec "


@contextlib.asynccontextmanager
async def s3_pod(cluster: Cluster, image: str) -> AsyncIterator[tuple[str, S3Server]]:
    """Its endpoint for pods, and itself for this process."""
    access_key, secret_key = secrets.token_hex(8), secrets.token_hex(16)
    command = f"mkdir -p /data/s3; {STARTS_WHEN_SENT}{PROGRAM} --port 0.0.0.0:{S3_PORT} --keep-alive posix /data/s3"
    env = {"ROOT_ACCESS_KEY": access_key, "ROOT_SECRET_KEY": secret_key}
    async with _pod(cluster, "s3", image, command, S3_PORT, env, ensure_versitygw()) as (host, local):
        server = S3Server(f"http://127.0.0.1:{local}", access_key, secret_key, process=None)  # type: ignore[arg-type]
        yield f"http://{host}:{S3_PORT}", server


@contextlib.asynccontextmanager
async def postgres_pod(cluster: Cluster, image: str) -> AsyncIterator[tuple[str, str]]:
    """Its URL for pods and for this process, by a user who may do anything."""
    password = secrets.token_hex(16)
    command = f"{STARTS_WHEN_SENT}python {PROGRAM} /data 0.0.0.0 {POSTGRES_PORT}"
    program = Path(open_postgres.__file__)
    env = {"PGPASSWORD": password}
    async with _pod(cluster, "postgres", image, command, POSTGRES_PORT, env, program) as (host, local):
        user = f"postgresql://{open_postgres.USER}:{password}"
        yield f"{user}@{host}:{POSTGRES_PORT}/postgres", f"{user}@127.0.0.1:{local}/postgres"


@contextlib.asynccontextmanager
async def _pod(
    cluster: Cluster, name: str, image: str, command: str, port: int, env: dict[str, str], program: Path
) -> AsyncIterator[tuple[str, int]]:
    """A pod behind a Service: its host name for pods, and the port of this machine that leads to it."""
    async with new_namespace(cluster, prefix="wsi-parts") as inside:
        await inside.apply(*_manifests(name, image, command, port, env))
        await inside.wait("--for=jsonpath={.status.phase}=Running", f"pod/{name}", seconds=180)
        sending = f"cat >{PROGRAM}.new && chmod 755 {PROGRAM}.new && mv {PROGRAM}.new {PROGRAM}"
        sent = await asyncio.to_thread(program.read_bytes)
        await inside.kubectl("exec", "-i", name, "--", "sh", "-c", sending, stdin=sent, seconds=300)
        await inside.wait("--for=condition=Ready", f"pod/{name}", seconds=120)
        async with _forwarded(inside, name, port) as local:
            yield f"{name}.{inside.namespace}.svc.cluster.local", local


@contextlib.asynccontextmanager
async def _forwarded(cluster: Cluster, pod: str, port: int) -> AsyncIterator[int]:
    process = await cluster.start("port-forward", f"pod/{pod}", f":{port}")
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        assert found is not None, line
        yield int(found[1])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _manifests(name: str, image: str, command: str, port: int, env: dict[str, str]) -> list[dict[str, Any]]:
    container = {
        "name": "server",
        "image": image,
        "command": ["sh", "-c", command],
        "env": [{"name": key, "value": value} for key, value in env.items()],
        "ports": [{"containerPort": port}],
        "readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "data", "mountPath": "/data"}],
    }
    spec = {
        "containers": [container],
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 5,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "data", "emptyDir": {}}],
    }
    metadata = {"name": name, "labels": {"app": name}}
    service = {"selector": {"app": name}, "ports": [{"port": port}]}
    return [
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": service},
    ]
