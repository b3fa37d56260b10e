"""The link between this machine and the node's own network. It goes with the node's network, whatever ends that."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from tests.cluster.machine.places import NETWORKS, Network

WAIT_SECONDS = 10


def free_network() -> Network:
    """The first whose addresses nobody uses here.

    Raises:
        RuntimeError: there is none.
    """
    routes = json.loads(_run("ip", "-json", "route", "show", "table", "all") or "[]")
    found = first_free(routes)
    if found is None:
        raise RuntimeError("the addresses of the test cluster are all taken on this machine: see `ip route`")
    return found


def first_free(routes: Sequence[dict[str, Any]]) -> Network | None:
    """The first network that no route of ``ip -json route`` leads into, the default one aside."""
    taken = [network for route in routes if (network := _destination(route)) is not None]
    for candidate in NETWORKS:
        ours = [ipaddress.ip_network(text) for text in (candidate.between, candidate.pods, candidate.services)]
        if not any(one.overlaps(other) for one in ours for other in taken):
            return candidate
    return None


def connect(network: Network, pid: int) -> None:
    """Join the network of the process ``pid``: addresses, and routes to pods and Services.

    Raises:
        RuntimeError: it can't be joined.
    """
    inside = ["nsenter", "--target", str(pid), "--net"]
    _run("ip", "link", "add", network.link, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
    _run("ip", "address", "add", f"{network.host}/24", "dev", network.link)
    _run("ip", "link", "set", network.link, "up")
    _run(*inside, "ip", "address", "add", f"{network.node}/24", "dev", "eth0")
    _run(*inside, "ip", "link", "set", "eth0", "up")
    _run(*inside, "ip", "route", "add", "default", "via", network.host)
    for beyond in (network.pods, network.services):
        _run("ip", "route", "add", beyond, "via", network.node)


def until_gone(network: Network) -> None:
    """The kernel takes the link away a moment after the last process of the network behind it has ended."""
    deadline = time.monotonic() + WAIT_SECONDS
    while is_linked(network) and time.monotonic() < deadline:
        time.sleep(0.02)


def is_linked(network: Network) -> bool:
    """Whether there is such a link."""
    command = ["ip", "link", "show", network.link]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _destination(route: dict[str, Any]) -> ipaddress.IPv4Network | None:
    try:
        found = ipaddress.ip_network(route["dst"])
    except ValueError:  # "default"
        return None
    return found if isinstance(found, ipaddress.IPv4Network) and found.prefixlen else None


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
