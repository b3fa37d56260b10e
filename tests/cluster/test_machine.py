"""A cluster of this machine leaves nothing, even when it is killed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.machine.packages import why_no_node
from tests.cluster.machine.places import PAUSE_IMAGE, Layout, Network, home, programs
from tests.cluster.machine.processes import Process
from tests.support.kubectl import Cluster
from tests.support.needs import missing

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "idle"},
    "spec": {"containers": [{"name": "idle", "image": PAUSE_IMAGE, "imagePullPolicy": "Never"}]},
}


def machine(command: str, cache: Path, *options: str) -> None:
    env = os.environ | {"XDG_CACHE_HOME": str(cache)}
    line = [sys.executable, "-m", "tests.cluster.machine", command, *options]
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def left(run: Path, network: Network) -> dict[str, object]:
    """Of a cluster on this machine: processes, mounts, links and packet filter."""
    links = json.loads(subprocess.run(["ip", "-json", "link"], capture_output=True, check=True).stdout)
    processes = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if str(run).encode() in line:
                processes.append(line)
    return {
        "processes": processes,
        "mounts": [line for line in Path("/proc/mounts").read_text().splitlines() if str(run) in line],
        "links": [found["ifname"] for found in links if found["ifname"] == network.link],
        "rules": _rules(network),
    }


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose Unix sockets have short enough names."""
    with tempfile.TemporaryDirectory(prefix="wsi-") as folder:
        yield Path(folder)


@pytest.mark.timeout(300)
async def test_a_killed_cluster_leaves_nothing(short_path: Path) -> None:
    reason = why_no_node()
    if reason is not None or os.environ.get("WSI_TEST_KUBECONFIG"):
        missing(reason or "a cluster of this machine")
    cache = short_path / "wsi-streamer"
    cache.mkdir()
    (cache / home().name).symlink_to(home())
    run = cache / "kubernetes-run"
    await asyncio.to_thread(machine, "up", short_path)
    try:
        network = Network(**json.loads((run / "layout.json").read_text())["network"])
        cluster = Cluster(run / "kubeconfig", Layout(run, programs(), Path("etcd")), "default")
        await cluster.apply(POD)
        await cluster.wait("--for=condition=Ready", "pod/idle", seconds=60)
        containers = {path.name for path in (run / "containerd-state").rglob("k8s.io/*")}
        assert _cgroups(containers)
        there = left(run, network)
        assert there["processes"]
        assert there["links"]
        assert not there["mounts"], "they belong into the node's own namespace"
        assert not there["rules"], "they belong into the node's own network"
        process = Process.read(run / "process")
        assert process is not None
        await asyncio.to_thread(process.end)  # kill -9
        await asyncio.sleep(1)
        assert left(run, network) == {"processes": [], "mounts": [], "links": [], "rules": []}
    finally:
        await asyncio.to_thread(machine, "down", short_path)
    assert not _cgroups(containers)
    assert not run.exists()


def _rules(network: Network) -> list[str]:
    """Of the machine's packet filter, those about the cluster's addresses: others may change theirs meanwhile."""
    said = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False).stdout
    ours = [text.rpartition("0/")[0] for text in (network.between, network.pods)] + [network.first_service]
    return [line for line in said.splitlines() if any(beginning in line for beginning in ours)]


def _cgroups(containers: set[str]) -> list[Path]:
    root = Path("/sys/fs/cgroup")
    return [path for path in (*root.glob("k8s.io/*"), *root.glob("*/k8s.io/*")) if path.name in containers]
