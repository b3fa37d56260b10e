"""Processes that outlive the one that started them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One, by its number and the moment it started at: numbers come again."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """What runs by that number now."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else cls(pid, fields[19])

    @classmethod
    def start(cls, command: Sequence[str], *, log: Path, cwd: Path, env: Mapping[str, str]) -> Process:
        """Start one in a session of its own."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,
            )
        child.returncode = 0  # nobody waits for it
        found = cls.of(child.pid)
        if found is None:
            raise RuntimeError(f"{command[0]} ended at once: {log.read_text(errors='replace')[-500:]}")
        return found

    @classmethod
    def read(cls, file: Path) -> Process | None:
        """What `write` wrote, where it still runs."""
        try:
            pid, started = file.read_text().split()
        except (OSError, ValueError):
            return None
        found = cls(int(pid), started)
        return found if found.runs() else None

    def write(self, file: Path) -> None:
        """For another process to find it by."""
        file.write_text(f"{self.pid} {self.started}\n")

    def runs(self) -> bool:
        """Whether it does, and is the same."""
        return Process.of(self.pid) == self

    def child(self) -> Process | None:
        """Its only child."""
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        except OSError:
            return None
        return Process.of(int(children[0])) if children else None

    def end(self, seconds: float = 20) -> None:
        """Kill it and wait until it is gone.

        Raises:
            TimeoutError: it is not gone in time.
        """
        deadline = time.monotonic() + seconds
        while self.runs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, os.WNOHANG)
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {self.pid} does not end")
            time.sleep(0.02)
