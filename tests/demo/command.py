"""The one-machine command as a child process."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.s3server import free_port

GRACE_SECONDS = 30
"""The command itself gives requests under way 20."""


def is_free(port: int) -> bool:
    """Whether this machine's loopback port can be listened on."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


class Command:
    """``wsi-streamer`` in a process group of its own, which Ctrl-C in the terminal does not reach: the demo ends it."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], port: int) -> None:
        self.port = port
        admin_port = port + 1 if is_free(port + 1) else free_port()
        script = Path(sys.executable).with_name("wsi-streamer")
        # Loopback only: a demo is not for the network.
        addresses = ["--host", "127.0.0.1", "--port", str(port), "--admin-port", str(admin_port)]
        self._line = [str(script), *arguments, *addresses]
        self._env = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Its output goes to the terminal."""
        self._process = subprocess.Popen(self._line, env=self._env, stdin=subprocess.DEVNULL, start_new_session=True)

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def exit_code(self) -> int:
        """Of a command that has ended."""
        return 1 if self._process is None else self._process.wait()

    def is_healthy(self) -> bool:
        """Whether it answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End it and all it started: by asking first, then by force."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # a group outlives its leader
        self._process.wait()
