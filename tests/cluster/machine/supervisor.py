"""The process that all of a cluster hangs on: starts its programs, starts again what ended, and takes them along when it ends.

With namespaces of its own it is their first process: the kernel ends all others with it, containers too, and the mounts and
the network go with the last one. Without (the control plane alone) each program asks the kernel to end it with its parent.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

STEP_SECONDS = 0.05
AGAIN_SECONDS = 1.0
STOP_SECONDS = 5.0

HIDDEN = ("/run", "/var/log")
"""Where container tools write by habit: temporary folders of our own stand there."""


def main(plan_file: Path) -> int:
    """Run what the plan says until told to stop."""
    plan = json.loads(plan_file.read_text())
    run = Path(plan["run"])
    if plan["namespaces"]:
        hide_the_machine()
    (run / "supervisor.ready").touch()
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not (run / "go").exists() and not stopping:
        time.sleep(STEP_SECONDS)
    if plan["namespaces"]:
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    children = Children(run, plan["components"])
    while not stopping:
        children.step()
        time.sleep(STEP_SECONDS)
    children.end()
    return 0


def hide_the_machine(mount: Callable[..., None] | None = None) -> None:
    """Private mounts, so that nothing is left in the machine's own folders."""
    call = mount or _mount
    for folder in HIDDEN:
        call("-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
    upper, work = "/run/var-lib/upper", "/run/var-lib/work"
    for folder in (upper, work):
        Path(folder).mkdir(parents=True, exist_ok=True)
    call("-t", "overlay", "-o", f"lowerdir=/var/lib,upperdir={upper},workdir={work}", "overlay", "/var/lib")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


class Children:
    """The programs, by name."""

    def __init__(self, run: Path, components: list[dict[str, Any]]) -> None:
        self._run = run
        self._components = components
        self._running: dict[int, str] = {}
        self._not_before: dict[str, float] = {}

    def step(self) -> None:
        """Forget who has ended (orphans of containers too, where we are the first process), start who may start."""
        self._reap()
        running = set(self._running.values())
        for component in self._components:
            name = component["name"]
            if name in running or time.monotonic() < self._not_before.get(name, 0):
                continue
            if all(answers(gate) for gate in component["after"]):
                self._start(name, component["command"])

    def end(self) -> None:
        """All of them, those that serve others last."""
        for pid in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self._running and time.monotonic() < deadline:
            self._reap()
            time.sleep(STEP_SECONDS)
        for pid in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            name = self._running.pop(pid, None)
            if name is not None:
                print(f"{name} ended with {os.waitstatus_to_exitcode(status)}", flush=True)
                self._not_before[name] = time.monotonic() + AGAIN_SECONDS

    def _start(self, name: str, command: list[str]) -> None:
        with (self._run / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._run,
                start_new_session=True,
            )
        process.returncode = 0  # it is waited for here, not there
        self._running[process.pid] = name


def answers(gate: str) -> bool:
    """Whether something takes connections at ``tcp:HOST:PORT`` or ``unix:PATH``."""
    kind, _, where = gate.partition(":")
    address: Any = where
    family = socket.AF_UNIX
    if kind == "tcp":
        host, _, port = where.rpartition(":")
        address, family = (host, int(port)), socket.AF_INET
    with socket.socket(family) as sock:
        sock.settimeout(0.2)
        return sock.connect_ex(address) == 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
