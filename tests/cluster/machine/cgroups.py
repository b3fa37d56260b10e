"""The cgroups of containers: folders of the kernel that outlive the processes in them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def containers(run: Path) -> list[str]:
    """Ids of the containers that containerd has, or had when it was killed."""
    folder = run / "containerd-state" / "io.containerd.runtime.v2.task" / "k8s.io"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def remove(ids: Iterable[str], root: Path = ROOT) -> None:
    """Their cgroups, in all hierarchies. Those of other clusters stay."""
    ids = list(ids)
    parents = [path for path in (root / "k8s.io", *root.glob("*/k8s.io")) if path.is_dir()]
    for parent in parents:
        for container in ids:
            _remove(parent / container)
        with contextlib.suppress(OSError):
            parent.rmdir()  # only where it is empty


def _remove(folder: Path) -> None:
    if not folder.is_dir():
        return
    for below in folder.iterdir():
        if below.is_dir():
            _remove(below)
    with contextlib.suppress(OSError):
        folder.rmdir()
