"""The one-machine command as a process, on a real bucket and a real Postgres."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest

from tests.support.s3server import Bucket

START_SECONDS = 60
STOP_SECONDS = 30

_LISTENS = re.compile(r"listens on \S+:(\d+); admin and metrics: http://127\.0\.0\.1:(\d+)/")
_INDEXES = re.compile(r"Admin API: http://127\.0\.0\.1:(\d+)/")


@dataclass(slots=True)
class Service:
    """A ``wsi-streamer`` process. All methods block: in an async test that serves a proxy from its own loop, call them by
    ``asyncio.to_thread``."""

    bucket: Bucket
    arguments: list[str]
    env: dict[str, str]
    """What it was started with, credentials included: enough to run further commands beside it."""

    log: Path
    process: subprocess.Popen[bytes]
    url: str = ""
    """Empty where only the indexer runs."""

    admin_url: str = ""
    admin_token: str = ""
    events_token: str = ""
    uploaded: set[str] = field(default_factory=set)

    @property
    def admin_headers(self) -> dict[str, str]:
        """For requests to the admin API."""
        return {"authorization": f"Bearer {self.admin_token}"}

    def put(self, key: str, data: bytes | Path) -> None:
        """Upload an object."""
        self.bucket.put(key, data)
        self.uploaded.add(key)

    def delete(self, key: str) -> None:
        """Delete an object."""
        self.bucket.delete(key)
        self.uploaded.discard(key)

    def status(self) -> dict[str, Any]:
        """``GET /admin/status``."""
        answer = httpx.get(f"{self.admin_url}/admin/status", headers=self.admin_headers, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def explain(self, ref: str) -> dict[str, Any]:
        """``GET /admin/slides/{ref}/explain``."""
        path = f"/admin/slides/{quote(ref, safe='')}/explain"
        answer = httpx.get(self.admin_url + path, headers=self.admin_headers, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def notify(self, *keys: str, event: str = "ObjectCreated:Put") -> None:
        """Tell it of objects as an object store would."""
        records = [
            {"eventName": event, "s3": {"bucket": {"name": self.bucket.name}, "object": {"key": quote_plus(key)}}}
            for key in keys
        ]
        url = f"{self.admin_url}/admin/events/{self.events_token}"
        httpx.post(url, json={"Records": records}, timeout=10).raise_for_status()

    def wait_indexed(self, timeout: float = 60) -> None:
        """Until the first scan is over, all that was `put` is in the catalog, and nothing is left to do.

        Raises:
            AssertionError: not in time; with the process's output.
        """
        if self.uploaded:
            self.notify(*self.uploaded)
        deadline = time.monotonic() + timeout
        found: dict[str, Any] = {}
        while time.monotonic() < deadline:
            self.assert_running()
            found = self.status()
            scanned = found["last_scan"] is not None and found["last_scan"]["finished_at"] is not None
            counts = found["slides"]
            if (
                scanned
                and sum(counts.values()) >= len(self.uploaded)
                and not counts["pending"]
                and not found["backlog"]
            ):
                return
            time.sleep(0.1)
        raise AssertionError(f"not indexed in {timeout} s: {found}\n{self.output()}")

    def output(self) -> str:
        """Its log so far, the last part of it."""
        return self.log.read_text(errors="replace")[-8_000:]

    def assert_running(self) -> None:
        """Fail with its output where it has ended."""
        assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.output()}"

    def kill(self) -> None:
        """kill -9, of this process alone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it as a service manager does; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)  # the group outlives its leader where something hangs
        return self.process.wait()


StartService = Callable[..., Service]


@pytest.fixture
def start_service(bucket: Bucket, database_url: str, tmp_path: Path) -> Iterator[StartService]:
    """Start ``wsi-streamer`` on the test's bucket and database, as often as wanted: all are ended with the test.

    Arguments: ``*extra`` command-line arguments; ``command`` ``serve`` or ``index``; ``endpoint`` of a proxy in front of
    the S3 server; ``on`` another bucket; ``env`` and any setting by its name in lower case (``index_concurrency=2``). A setting of None is left
    out (``database_url=None``: the embedded Postgres). Free ports are taken; access to the admin API needs its token.
    """
    started: list[Service] = []

    def start(
        *extra: str,
        command: str = "serve",
        endpoint: str | None = None,
        on: Bucket | None = None,
        env: dict[str, str] | None = None,
        **settings: Any,
    ) -> Service:
        where = on or bucket
        tokens = {"admin_token": "admin-token-of-tests", "events_token": "events-token-of-tests"}
        options = {"database_url": database_url, "data_dir": tmp_path / "data", "scan_interval": 0} | tokens | settings
        variables = {f"WSI_{name.upper()}": str(value) for name, value in options.items() if value is not None}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WSI_", "AWS_"))}
        environment = clean | where.server.env | variables | (env or {})
        line = [str(Path(sys.executable).with_name("wsi-streamer")), command, where.name]
        line += ["--s3-endpoint", endpoint or where.server.endpoint, "--admin-port", "0", *extra]
        if command == "serve":
            line += ["--host", "127.0.0.1", "--port", "0"]
        log = tmp_path / f"service-{len(started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                line, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        service = Service(where, line, environment, log, process)
        started.append(service)
        service.admin_token, service.events_token = (str(options[name] or "") for name in tokens)
        _await_ports(service, serves=command == "serve")
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture
def running_service(start_service: StartService) -> Service:
    """The one-machine command, with default settings."""
    return start_service()


def _await_ports(service: Service, *, serves: bool) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        service.assert_running()
        found = (_LISTENS if serves else _INDEXES).search(service.output())
        if found is not None:
            if serves:
                service.url = f"http://127.0.0.1:{found[1]}"
            service.admin_url = f"http://127.0.0.1:{found[found.lastindex or 1]}"
            return
        time.sleep(0.05)
    raise AssertionError(f"it did not start in {START_SECONDS} s:\n{service.output()}")
