"""Which server runs on a data directory: ``postmaster.pid``, and whether it is true."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PID_FILE = "postmaster.pid"

# Lines of the file: pid, data directory, start, port, socket directory, address, shared memory, status.
_SOCKET_LINE, _STATUS_LINE = 4, 7


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server."""

    pid: int
    socket_dir: Path | None
    """None for its first moments."""

    ready: bool
    """False while it starts, which takes long where it has to recover from a crash, and while it stops."""

    @classmethod
    def of(cls, folder: Path) -> Postmaster | None:
        """The server that runs on a data directory. The file outlives a kill or a power cut, and its pid may be another
        process's by then: that is no server."""
        lines = _lines(folder)
        pid = _pid(lines)
        if pid is None or os.fsencode(folder) not in _command(pid):
            return None
        socket_dir = Path(lines[_SOCKET_LINE]) if len(lines) > _SOCKET_LINE and lines[_SOCKET_LINE] else None
        return cls(pid, socket_dir, len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready")

    def runs_on(self, folder: Path) -> bool:
        """Whether its process is still a server of a data directory."""
        return os.fsencode(folder) in _command(self.pid)


def disown_pid_file(folder: Path) -> None:
    """Where the file names a process that is no server of this data: put our own pid there.

    Postgres would take that process for a server and refuse to start, but takes its parent's pid for a stale one.
    Deleting the file would do away with its check for orphans of a killed server that still hold the shared memory.
    """
    lines = _lines(folder)
    pid = _pid(lines)
    if pid is not None and Postmaster.of(folder) is None and _command(pid):
        (folder / PID_FILE).write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")


def _lines(folder: Path) -> list[str]:
    try:
        return (folder / PID_FILE).read_text(errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


def _pid(lines: list[str]) -> int | None:
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _command(pid: int) -> bytes:
    """A process's command line; empty where there is none, or only a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""
    ps = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S603, S607
    return ps.stdout
