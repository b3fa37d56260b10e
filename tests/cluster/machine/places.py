"""Versions, folders and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.tools import cache_dir

KUBERNETES = "v1.34.2"
"""As in go/go.mod, which pins it."""

COREDNS = "v1.15.0"
METRICS_SERVER = "v0.9.0"
HELM = "v3.22.0"

PAUSE_IMAGE = "localhost/wsi-pause:1"
BASE_IMAGE = "localhost/wsi-base:bookworm"

HOST = "10.89.8.1"
"""This machine, as pods see it: servers of tests that pods shall reach listen here."""

NODE = "10.89.8.2"
PODS = "10.89.9.0/24"
SERVICES = "10.97.0.0/16"
FIRST_SERVICE = "10.97.0.1"
LINK = "wsi0"
"""The link between this machine and the node's network; its other end is the node's eth0."""

API_PORT = 6443


def home() -> Path:
    """What is built."""
    return cache_dir() / f"kubernetes-{KUBERNETES}"


def programs() -> Path:
    """The built programs, kubectl and helm among them."""
    return home() / "bin"


def run_folder() -> Path:
    """What runs: configuration, data, logs. Gone after ``down``."""
    return cache_dir() / "kubernetes-run"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of one cluster are."""

    run: Path
    bin: Path
    etcd: Path
    """The program."""

    address: str = NODE
    """Of the API server."""

    api_port: int = API_PORT
    etcd_port: int = 2379
    etcd_peer_port: int = 2380
    has_node: bool = True
    """False: the control plane alone, as ordinary processes."""

    @property
    def api(self) -> str:
        """The API server's URL."""
        return f"https://{self.address}:{self.api_port}"

    @property
    def kubeconfig(self) -> Path:
        """Of the cluster's admin."""
        return self.run / "kubeconfig"

    @property
    def containerd(self) -> Path:
        """Its socket, which can be reached from outside of the namespaces too."""
        return self.run / "containerd.sock"

    @property
    def audit_log(self) -> Path:
        """A line of JSON for each request that the API server has answered: who did what to which object."""
        return self.run / "audit.log"

    def cert(self, name: str) -> Path:
        """``NAME.crt`` or ``NAME.key``."""
        return self.run / "certs" / name
