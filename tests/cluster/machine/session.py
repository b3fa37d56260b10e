"""One cluster for all processes of a test run, and of several runs: the first brings it up, the last takes it down.

Who uses it holds a lock that the kernel lets go of, whatever ends the process: a run that was killed leaves a cluster that
nobody uses, and the next run starts afresh.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.cluster.machine import machine
from tests.cluster.machine.places import Layout, run_folder
from tests.support.tools import cache_dir

KEPT = "kept"
"""A file in the run folder of a cluster that stays until ``down``: somebody started it by hand."""


class Usage:
    """This process uses the cluster, until `close`."""

    def __init__(self, layout: Layout, users: IO[bytes]) -> None:
        self.layout = layout
        self._users = users

    @classmethod
    def begin(cls, *, node: bool) -> Usage:
        """Find the cluster or bring it up (10 s).

        Raises:
            RuntimeError: it does not come up, or one without a node is in use.
        """
        with locked("kubernetes"):
            layout = machine.running()
            if layout is not None and not (in_use() or (layout.run / KEPT).exists()):
                layout = None  # left by a run that was killed
            if layout is None:
                layout = machine.up(node=node)
            elif node and not layout.has_node:
                raise RuntimeError("a control plane without a node is up: python -m tests.cluster.machine down")
            users = _users().open("ab")
            fcntl.flock(users, fcntl.LOCK_SH)
        return cls(layout, users)

    def close(self) -> None:
        """Use it no more."""
        self._users.close()


def load_once(layout: Layout, archives: list[Path]) -> None:
    """Give the node these images, where no other process has done it yet."""
    for archive in archives:
        with locked("kubernetes-images"):
            done = layout.run / f"loaded-{archive.name}"
            if not done.exists():
                machine.load(layout, archive)
                done.touch()


def end_unused(seconds: float = 10) -> None:
    """Take the cluster down where nobody uses it (any more, within some seconds) and nobody asked to keep it."""
    if not run_folder().exists() or (run_folder() / KEPT).exists():
        return
    deadline = time.monotonic() + seconds
    while in_use():
        if time.monotonic() > deadline:
            return  # another run's: that one takes it down
        time.sleep(0.1)
    with locked("kubernetes"):
        if not in_use():
            machine.down()


def in_use() -> bool:
    """Whether any process uses it."""
    with _users().open("ab") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Nobody else does this meanwhile."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / f"{name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _users() -> Path:
    cache_dir().mkdir(parents=True, exist_ok=True)
    return cache_dir() / "kubernetes.users"
