"""One cluster: up, down, and images into it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.cluster.machine import cgroups, network
from tests.cluster.machine.binaries import etcd_program, pause_archive
from tests.cluster.machine.components import SUPERVISOR, components
from tests.cluster.machine.configuration import metrics_api, write_configuration
from tests.cluster.machine.places import Layout, Network, programs, run_folder
from tests.cluster.machine.processes import Process
from tests.support.s3server import free_port

REPO = Path(__file__).resolve().parents[3]
START_SECONDS = 120.0
SOCKET, MAX_SOCKET_BYTES = "containerd.sock.ttrpc", 107
NAMESPACES = (
    "unshare",
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "--mount-proc",
    "--propagation=private",
)


def up(*, node: bool = True) -> Layout:
    """A fresh cluster, once all of it answers; what an earlier one has left is cleaned before.

    Raises:
        RuntimeError: it does not come up; the message names the log to read.
    """
    down()
    run = run_folder()
    if node and len(os.fsencode(run / SOCKET)) > MAX_SOCKET_BYTES:
        raise RuntimeError(f"{run} is too long for a Unix socket: name a shorter folder by XDG_CACHE_HOME")
    run.mkdir(parents=True)
    run.chmod(0o711)
    layout = _layout(run, node=node)
    write_configuration(layout)
    (run / "layout.json").write_text(json.dumps(asdict(layout), default=str))
    plan = run / "plan.json"
    parts = [asdict(component) for component in components(layout)]
    plan.write_text(json.dumps({"run": str(run), "namespaces": node, "components": parts}))
    env = _environment(layout)
    outer = Process.start(
        [*(NAMESPACES if node else ()), *SUPERVISOR, str(plan)], log=run / "supervisor.log", cwd=REPO, env=env
    )
    outer.write(run / "process")
    try:
        _wait("the supervisor", (run / "supervisor.ready").exists, layout)
        if node:
            inner = outer.child()
            if inner is None:
                raise RuntimeError("the supervisor ended: see " + str(run / "supervisor.log"))
            network.connect(layout.network, inner.pid)
        (run / "go").touch()
        _wait("the API server", lambda: _kubectl(layout, "get", "--raw", "/readyz") is not None, layout)
        if node:
            _wait("containerd", lambda: _ctr(layout, "version").returncode == 0, layout)
            load(layout, pause_archive())
            for manifest in metrics_api(layout):
                _wait(manifest["kind"], lambda m=manifest: _apply(layout, json.dumps(m)), layout)
            _wait("the node", lambda: "True" in (_kubectl(layout, *_NODE_READY) or ""), layout)
        _wait("the service account", lambda: _kubectl(layout, "get", "serviceaccount", "default") is not None, layout)
    except BaseException:
        keep_logs(run)
        down()
        raise
    return layout


def down() -> None:
    """End it, and leave nothing: what the kernel does not take along, the links, cgroups and files, is removed."""
    run = run_folder()
    ids = cgroups.containers(run)
    process = Process.read(run / "process")
    if process is not None:
        inner = process.child()
        if inner is not None:
            inner.end()
        process.end()
        found = _kept_layout(run)
        if found is not None and found.has_node:
            network.until_gone(found.network)
    if os.geteuid() == 0:
        cgroups.remove(ids)
    # Mounts of a network that has just ended may hold on for a moment.
    for _ in range(50):
        shutil.rmtree(run, ignore_errors=True)
        if not run.exists():
            return
        time.sleep(0.1)
    raise RuntimeError(f"{run} can't be removed")


def running() -> Layout | None:
    """The cluster that is up."""
    run = run_folder()
    layout = _kept_layout(run)
    if layout is None or Process.read(run / "process") is None:
        return None
    return layout if _kubectl(layout, "get", "--raw", "/readyz") is not None else None


def load(layout: Layout, archive: Path) -> None:
    """Give the node the images of an archive of ``podman save``.

    Raises:
        RuntimeError: it can't be read.
    """
    done = _ctr(layout, "images", "import", "--no-unpack", str(archive))
    if done.returncode != 0:
        done = _ctr(layout, "images", "import", str(archive))
    if done.returncode != 0:
        raise RuntimeError(f"{archive} can't be loaded: {done.stderr.strip()[-1000:]}")


def keep_logs(run: Path) -> Path:
    """Copy the logs of a cluster that failed to where `down` leaves them."""
    kept = run.with_name(f"{run.name}-logs")
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    for log in run.glob("*.log"):
        if log.name != "audit.log":
            shutil.copy(log, kept)
    return kept


_NODE_READY = ("get", "node", "n1", "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')


def _kept_layout(run: Path) -> Layout | None:
    try:
        fields = json.loads((run / "layout.json").read_text())
    except (OSError, ValueError):
        return None
    paths = {name: Path(fields[name]) for name in ("run", "bin", "etcd")}
    return Layout(**(fields | paths | {"network": Network(**fields["network"])}))


def _layout(run: Path, *, node: bool) -> Layout:
    if node:
        return Layout(run, programs(), etcd_program(), network=network.free_network())
    ports = {"api_port": free_port(), "etcd_port": free_port(), "etcd_peer_port": free_port()}
    return Layout(run, programs(), etcd_program(), has_node=False, **ports)


def _environment(layout: Layout) -> dict[str, str]:
    """Nothing of ours: no proxies, no credentials."""
    path = [str(layout.bin), os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    return {"PATH": os.pathsep.join(path), "HOME": str(layout.run), "PYTHONPATH": str(REPO)}


def _wait(what: str, is_there: Callable[[], bool], layout: Layout) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_there():
        if Process.read(layout.run / "process") is None:
            raise RuntimeError(f"the cluster ended while it started: see {keep_logs(layout.run)}/supervisor.log")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} is not ready after {START_SECONDS:.0f} s: see {keep_logs(layout.run)}")
        time.sleep(0.1)


def _kubectl(layout: Layout, *arguments: str, stdin: str | None = None) -> str | None:
    """What it said, or None where it failed."""
    command = [str(layout.bin / "kubectl"), "--kubeconfig", str(layout.kubeconfig), "--request-timeout=5s", *arguments]
    env = {"PATH": os.environ.get("PATH", ""), "HOME": str(layout.run)}
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=env)
    return done.stdout if done.returncode == 0 else None


def _apply(layout: Layout, manifest: str) -> bool:
    return _kubectl(layout, "apply", "--validate=false", "-f", "-", stdin=manifest) is not None


def _ctr(layout: Layout, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["ctr", "--address", str(layout.containerd), "--namespace", "k8s.io", *arguments]
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run(command, capture_output=True, text=True, check=False)
    return subprocess.CompletedProcess(command, 127, "", "ctr is missing")
