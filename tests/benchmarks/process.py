"""Child processes of a benchmark: on which core they run, what they use, how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

STOP_SECONDS = 10
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where; both are the same on a machine with one core."""

    server: frozenset[int]
    """Of the server under test: one."""
    others: frozenset[int]

    @classmethod
    def of_this_machine(cls) -> Cores:
        """The last core for the server, all others for the rest."""
        every = sorted(os.sched_getaffinity(0))
        return cls(frozenset(every[-1:]), frozenset(every[:-1] or every))


@contextlib.contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """What is started meanwhile runs on these cores: a child inherits them before its first instruction."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def preferred(pid: int, nice: int) -> None:
    """Give a process and its session the CPU before others of the machine (below 0: root alone may).

    Nice values count within a session's group only, where the kernel groups by session.
    """
    if not nice:
        return
    os.setpriority(os.PRIO_PROCESS, pid, nice)
    group = Path(f"/proc/{pid}/autogroup")
    if group.exists():
        group.write_text(str(nice))


def started(
    line: Sequence[str], env: Mapping[str, str], cores: frozenset[int], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    """A program on some cores, in a session of its own, preferred as this process is."""
    with pinned(cores):
        process = subprocess.Popen(
            line, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    preferred(process.pid, os.getpriority(os.PRIO_PROCESS, 0))
    return process


def stopped(process: subprocess.Popen[bytes]) -> None:
    """End a program by asking first, then by force; what it started too, where it leads a group."""
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if process.pid != os.getpgid(0):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True, slots=True)
class Use:
    """What a process and its descendants have used."""

    cpu_seconds: float
    rss_mb: float
    """Of 10**6 bytes; pages that processes share are counted in each."""


def use_of(pid: int) -> Use:
    """From /proc (Linux)."""
    ticks = pages = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            fields = _stat(one)
            # utime and stime, and those of children that have ended (a parser a slide, say).
            ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
            pages += int(fields[21])  # rss
    return Use(ticks / _TICKS, pages * _PAGE / 1e6)


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third (state) on: the second, a name, may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _family(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return family
