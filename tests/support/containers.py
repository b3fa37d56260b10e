"""Containers by podman, without a cluster."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.cluster.machine.images import CONTAINER


@dataclass(frozen=True, slots=True)
class Container:
    """A running one."""

    name: str

    def logs(self) -> str:
        """What it has written so far."""
        done = subprocess.run(["podman", "logs", self.name], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def execute(self, *command: str) -> str:
        """A command in it.

        Raises:
            AssertionError: it failed.
        """
        done = subprocess.run(["podman", "exec", self.name, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self, seconds: int = 30) -> int:
        """Its exit code, once it has ended on the image's stop signal; 137 where it had to be killed."""
        subprocess.run(["podman", "stop", "--time", str(seconds), self.name], capture_output=True, check=True)
        said = subprocess.run(["podman", "wait", self.name], capture_output=True, text=True, check=True)
        return int(said.stdout)


@contextlib.contextmanager
def container(
    image: str, *command: str, options: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> Iterator[Container]:
    """Start one on this machine's own network; it is removed afterwards."""
    found = Container(f"wsi-test-{secrets.token_hex(4)}")
    variables = [word for name, value in (env or {}).items() for word in ("--env", f"{name}={value}")]
    line = ["podman", "run", "--detach", "--name", found.name, *CONTAINER, "--network", "host", *options, *variables]
    done = subprocess.run([*line, image, *command], capture_output=True, text=True, check=False)
    try:
        assert done.returncode == 0, done.stderr
        yield found
    finally:
        subprocess.run(["podman", "rm", "--force", "--time", "5", found.name], capture_output=True, check=False)


def output_of(image: str, *command: str, options: Sequence[str] = ()) -> str:
    """What a container without any network writes.

    Raises:
        AssertionError: it failed.
    """
    line = ["podman", "run", "--rm", *CONTAINER, "--network", "none", *options, image, *command]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
