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
class Network:
    """Addresses of one cluster. Several users of a machine may have one each: they differ by the number."""

    number: int = 0

    @property
    def host(self) -> str:
        """This machine, as pods see it: servers of tests that pods shall reach listen here."""
        return f"10.89.{8 + 2 * self.number}.1"

    @property
    def node(self) -> str:
        """The node, and the API server."""
        return f"10.89.{8 + 2 * self.number}.2"

    @property
    def between(self) -> str:
        """This machine and the node."""
        return f"10.89.{8 + 2 * self.number}.0/24"

    @property
    def pods(self) -> str:
        """Each has an address of these."""
        return f"10.89.{9 + 2 * self.number}.0/24"

    @property
    def services(self) -> str:
        """Each Service has an address of these."""
        return f"10.{97 + self.number}.0.0/16"

    @property
    def first_service(self) -> str:
        """The API server's, for pods."""
        return f"10.{97 + self.number}.0.1"

    @property
    def link(self) -> str:
        """Of this machine to the node's network; its other end is the node's eth0."""
        return f"wsi{self.number}"


NETWORKS = tuple(Network(number) for number in range(16))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of one cluster are."""

    run: Path
    bin: Path
    etcd: Path
    """The program."""

    network: Network = Network()
    api_port: int = API_PORT
    etcd_port: int = 2379
    etcd_peer_port: int = 2380
    has_node: bool = True
    """False: the control plane alone, as ordinary processes."""

    @property
    def address(self) -> str:
        """Of the API server."""
        return self.network.node if self.has_node else "127.0.0.1"

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
