"""Names of workers in the queue, which tell whether a process of this machine that held jobs is still there."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from pathlib import Path

_START_TIME = 19
"""Index of a process's start among the fields of /proc/<pid>/stat that follow its name (proc_pid_stat(5): field 22)."""


def worker_name() -> str:
    """Host, process namespace, process id, when that process began, and a random part: ``host/4026531836/47/11902/1f3a``."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{_namespace()}/{pid}/{_began(pid)}/{secrets.token_hex(4)}"


def dead_workers(names: Iterable[str], own: str) -> list[str]:
    """Those of ``names`` that were processes of this machine and are gone: killed, their jobs need not wait until the
    leases end. Of other machines, and of containers beside this one, nothing is known."""
    host, namespace, *_ = own.split("/")
    dead = []
    for name in names:
        parts = name.split("/")
        is_ours = bool(namespace) and len(parts) == 5 and parts[:2] == [host, namespace] and parts[2].isdecimal()
        if is_ours and _began(int(parts[2])) != parts[3]:
            dead.append(name)
    return dead


def _namespace() -> str:
    """Containers on one host count their processes apart. Empty where the system can't tell."""
    try:
        return Path("/proc/self/ns/pid").readlink().name.removeprefix("pid:[").removesuffix("]")
    except OSError:
        return ""


def _began(pid: int) -> str:
    """When a process began, in clock ticks since the machine did; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_START_TIME]
    except (OSError, IndexError):
        return ""
