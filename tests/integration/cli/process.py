"""The command as users run it: a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.s3server import Bucket, free_port

COMMAND = [sys.executable, "-m", "wsi_streamer"]


def environment(bucket: Bucket, data_dir: Path, **extra: str) -> dict[str, str]:
    """Nothing of the caller's settings; the bucket's credentials."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | bucket.server.env | {"WSI_S3_ENDPOINT": bucket.server.endpoint, "WSI_DATA_DIR": str(data_dir)} | extra


def run(*args: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run([*COMMAND, *args], env=env, capture_output=True, text=True, timeout=60)


@dataclass(slots=True)
class Running:
    """A service."""

    process: subprocess.Popen[str]
    port: int
    admin_port: int

    def get(self, path: str, *, admin: bool = False) -> tuple[int, bytes]:
        """Status and body."""
        url = f"http://127.0.0.1:{self.admin_port if admin else self.port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def wait_for(self, path: str, *, admin: bool = False, seconds: float = 40) -> bytes:
        """The body, once the path answers 200."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError):
                status, body = self.get(path, admin=admin)
                if status == 200:
                    return body
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, f"{path} does not answer"
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code and output after a signal."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=40)
        return self.process.returncode, out, err


@contextlib.contextmanager
def running(*args: str, env: dict[str, str]) -> Iterator[Running]:
    """A service on free ports."""
    port, admin_port = free_port(), free_port()
    env = env | {"WSI_PORT": str(port), "WSI_ADMIN_PORT": str(admin_port)}
    process = subprocess.Popen([*COMMAND, *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    service = Running(process, port, admin_port)
    try:
        yield service
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
