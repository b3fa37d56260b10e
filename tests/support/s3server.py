"""A real S3 server: versitygw, built once and kept outside the tree."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import pytest

from tests.support.tools import cache_dir, go_command

VERSION = "v1.8.0"


def ensure_versitygw() -> Path:
    """The server's binary, built when it is not in the cache yet (about two minutes).

    Raises:
        RuntimeError: it can't be built here.
    """
    folder = cache_dir() / f"versitygw-{VERSION}"
    binary = folder / "versitygw"
    if binary.exists():
        return binary
    print(f"Building the S3 server (versitygw {VERSION}), about two minutes ...", file=sys.stderr, flush=True)
    cache_dir().mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"versitygw-{VERSION}.", dir=cache_dir()))  # others may build at once
    env = os.environ | {"GOBIN": str(building), "GOFLAGS": "-mod=mod"}
    package = f"github.com/versity/versitygw/cmd/versitygw@{VERSION}"
    try:
        done = subprocess.run([*go_command(), "install", package], env=env, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"versitygw can't be built:\n{done.stderr[-2000:]}")
        folder.mkdir(parents=True, exist_ok=True)
        (building / "versitygw").replace(binary)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return binary


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@dataclass(slots=True)
class S3Server:
    """A running server."""

    endpoint: str
    access_key: str
    secret_key: str
    process: subprocess.Popen[bytes]
    _client: Any = None

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        access_key: str = "",
        secret_key: str = "",
        port: int = 0,
        options: Sequence[str] = (),
        host: str = "127.0.0.1",
    ) -> S3Server:
        """Start one that keeps its objects in ``folder``, and wait until it answers; ``options`` are versitygw's, ``host`` is the
        address of this machine that it listens on."""
        access_key = access_key or secrets.token_hex(8)
        secret_key = secret_key or secrets.token_hex(16)
        port = port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            str(ensure_versitygw()),
            "--port",
            f"{host}:{port}",
            "--keep-alive",
            *options,
            "posix",
            str(folder),
        ]
        env = {"PATH": os.environ["PATH"], "ROOT_ACCESS_KEY": access_key, "ROOT_SECRET_KEY": secret_key}
        process = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        scheme = "https" if "--cert" in options else "http"
        server = cls(f"{scheme}://{host}:{port}", access_key, secret_key, process)
        deadline = time.monotonic() + 20
        while True:
            if process.poll() is not None:
                raise RuntimeError("the S3 server ended at once")
            try:
                socket.create_connection((host, port), 0.2).close()
            except OSError:
                if time.monotonic() > deadline:
                    server.stop()
                    raise
                time.sleep(0.05)
            else:
                return server

    @property
    def env(self) -> dict[str, str]:
        """What a client needs in its environment."""
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}

    def client(self) -> Any:
        """A boto3 client, for uploads; threads may share it."""
        if self._client is None:
            self._client = boto3.client(
                "s3",
                endpoint_url=self.endpoint,
                region_name="us-east-1",
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                verify=False,
                config=botocore.config.Config(
                    s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
                ),
            )
        return self._client

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of its own for one test."""

    server: S3Server
    name: str

    def put(self, key: str, data: bytes | Path) -> None:
        """Upload."""
        body = data.read_bytes() if isinstance(data, Path) else data
        self.server.client().put_object(Bucket=self.name, Key=key, Body=body)

    def delete(self, key: str) -> None:
        """Delete."""
        self.server.client().delete_object(Bucket=self.name, Key=key)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for all tests of a run."""
    server = S3Server.start(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, with its server's credentials in the environment."""
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    name = f"test-{secrets.token_hex(6)}"
    s3_server.client().create_bucket(Bucket=name)
    return Bucket(s3_server, name)
