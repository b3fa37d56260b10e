"""The link between this machine and the node's own network. It goes with the node's network, whatever ends that."""

from __future__ import annotations

import json
import subprocess
import time

from tests.cluster.machine.places import HOST, LINK, NODE, PODS, SERVICES


def connect(pid: int) -> None:
    """Join the network of the process ``pid``: addresses, and routes to pods and Services.

    Raises:
        RuntimeError: the addresses are taken here.
    """
    taken = foreign_routes(_routes())
    if taken:
        raise RuntimeError(f"the addresses of the test cluster are taken on this machine: {', '.join(taken)}")
    disconnect()
    inside = ["nsenter", "--target", str(pid), "--net"]
    _run("ip", "link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
    _run("ip", "address", "add", f"{HOST}/24", "dev", LINK)
    _run("ip", "link", "set", LINK, "up")
    _run(*inside, "ip", "address", "add", f"{NODE}/24", "dev", "eth0")
    _run(*inside, "ip", "link", "set", "eth0", "up")
    _run(*inside, "ip", "route", "add", "default", "via", HOST)
    for network in (PODS, SERVICES):
        _run("ip", "route", "add", network, "via", NODE)


def disconnect() -> None:
    """Take the link away; its routes go with it. It may be gone a moment after the network behind it."""
    deadline = time.monotonic() + 10
    while is_linked() and time.monotonic() < deadline:
        subprocess.run(["ip", "link", "delete", LINK], capture_output=True, check=False)
        time.sleep(0.02)


def is_linked() -> bool:
    """Whether there is such a link."""
    return subprocess.run(["ip", "link", "show", LINK], capture_output=True, check=False).returncode == 0


def foreign_routes(routes: list[dict[str, str]]) -> list[str]:
    """Those of ``ip -json route`` that lead into our networks by somebody else's link."""
    ours = {PODS, SERVICES, f"{HOST.rpartition('.')[0]}.0/24"}
    return [route["dst"] for route in routes if route["dst"] in ours and route.get("dev") != LINK]


def _routes() -> list[dict[str, str]]:
    said = _run("ip", "-json", "route", "show")
    found: list[dict[str, str]] = json.loads(said or "[]")
    return found


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
