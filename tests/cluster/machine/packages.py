"""What containers need of Debian: the runtime, pods' networks, and the builder of images."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CNI = Path("/usr/lib/cni/ptp")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
WANTED = {
    "containerd": "containerd",
    "runc": "runc",
    "podman": "podman",
    "debootstrap": "debootstrap",
    "iptables": "iptables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "mount": "mount",
}
"""Program: package."""

HELPERS = Path("/usr/lib/podman")
NETWORK = ("netavark", "aardvark-dns")
"""By these containers of compose find each other."""

WITH_PODMAN = ("buildah", "conmon", "crun")
"""Recommended by it or needed with it; all others of its recommendations are for users without root."""


def missing_packages() -> list[str]:
    """Those that are to be installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    missing = {package for program, package in WANTED.items() if shutil.which(program, path=path) is None}
    if "podman" in missing:
        missing.update(WITH_PODMAN)
    missing.update(name for name in NETWORK if not (HELPERS / name).exists())
    if not CNI.exists():
        missing.add("containernetworking-plugins")
    if not KEYRING.exists():
        missing.add("debian-archive-keyring")
    return sorted(missing)


def why_no_node() -> str | None:
    """What keeps this machine from running a node; None where nothing does that could not be installed."""
    if sys.platform != "linux":
        return "a Kubernetes node (it needs Linux)"
    if os.geteuid() != 0:
        return "a Kubernetes node (it needs root; or name a cluster: make test-cluster KUBECONFIG=…)"
    if missing_packages() and shutil.which("apt-get") is None:
        return f"a Kubernetes node (it needs {', '.join(missing_packages())})"
    if not _may_unshare():
        return "a Kubernetes node (this container may not make namespaces)"
    return None


def ensure_packages() -> None:
    """Install what is missing, without starting any of it.

    Raises:
        RuntimeError: it can't be installed.
    """
    missing = missing_packages()
    if not missing:
        return
    print(f"Installing for the test cluster: {', '.join(missing)} ...", file=sys.stderr, flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *missing]):
        done = subprocess.run(
            ["apt-get", "-o", "DPkg::Lock::Timeout=300", *command], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"packages of the test cluster can't be installed:\n{done.stderr[-1500:]}")


def _may_unshare() -> bool:
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
