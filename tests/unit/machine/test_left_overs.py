"""Processes, cgroups and locks that outlive those who made them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cluster.machine import cgroups, session
from tests.cluster.machine.processes import Process
from tests.cluster.machine.supervisor import Children, answers

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def started(tmp_path: Path) -> Process:
    return Process.start(SLEEP, log=tmp_path / "log", cwd=tmp_path, env=os.environ)


def test_a_process_is_found_again_and_ended(tmp_path: Path) -> None:
    process = started(tmp_path)
    process.write(tmp_path / "process")
    assert Process.read(tmp_path / "process") == process
    process.end()
    assert Process.read(tmp_path / "process") is None


def test_another_process_of_the_same_number_is_not_it(tmp_path: Path) -> None:
    process = started(tmp_path)
    try:
        earlier = Process(process.pid, str(int(process.started) - 1))
        earlier.write(tmp_path / "process")
        assert Process.read(tmp_path / "process") is None
        earlier.end()
        assert process.runs()
    finally:
        process.end()


def test_only_cgroups_of_our_containers_are_removed(tmp_path: Path) -> None:
    run, root = tmp_path / "run", tmp_path / "cgroup"
    tasks = run / "containerd-state" / "io.containerd.runtime.v2.task" / "k8s.io"
    (tasks / "ours").mkdir(parents=True)
    for controller in ("cpu", "memory"):
        (root / controller / "k8s.io" / "ours" / "below").mkdir(parents=True)
    (root / "cpu" / "k8s.io" / "theirs").mkdir()
    (root / "k8s.io" / "ours").mkdir(parents=True)
    assert cgroups.containers(run) == ["ours"]
    cgroups.remove(["ours"], root)
    left = sorted(str(path.relative_to(root)) for path in root.rglob("*"))
    assert left == ["cpu", "cpu/k8s.io", "cpu/k8s.io/theirs", "memory"]


def test_a_program_that_ends_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cluster.machine.supervisor.AGAIN_SECONDS", 0.05)
    line = ["sh", "-c", "echo once; [ -e second ] && exec sleep 60; touch second"]
    code = (
        "import sys, time; from pathlib import Path; from tests.cluster.machine import supervisor as s;"
        "s.AGAIN_SECONDS = 0.05; run = Path(sys.argv[1]);"
        f"children = s.Children(run, [{{'name': 'twice', 'command': {line!r}, 'after': []}}]);"
        "[(children.step(), time.sleep(0.02)) for _ in range(100)]; children.end()"
    )
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, env=env, check=True
    )
    assert (tmp_path / "twice.log").read_text() == "once\nonce\n"
    assert said.stdout.count("twice ended with 0") == 1
    assert Children(tmp_path, [])._running == {}


def asked_to_end_with_its_parent(child: Process | None) -> bool:
    """Whether a child has become what it was started for: before that it is setpriv, which may not have asked the kernel yet."""
    if child is None:
        return False
    try:
        return Path(f"/proc/{child.pid}/cmdline").read_bytes().startswith(b"sleep\0")
    except OSError:
        return False


def test_programs_end_with_their_supervisor_however_it_ends(tmp_path: Path) -> None:
    plan = f'{{"run": "{tmp_path}", "namespaces": false, "components": [{{"name": "a", "command": ["sleep", "61"], "after": []}}]}}'
    (tmp_path / "plan").write_text(plan)
    (tmp_path / "go").touch()
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    command = [sys.executable, "-m", "tests.cluster.machine.supervisor", str(tmp_path / "plan")]
    supervisor = Process.start(command, log=tmp_path / "log", cwd=tmp_path, env=env)
    deadline = time.monotonic() + 20
    while not asked_to_end_with_its_parent(child := supervisor.child()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert child is not None
    supervisor.end()
    deadline = time.monotonic() + 10
    while child.runs() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not child.runs()


def test_gates_open_when_somebody_listens(tmp_path: Path) -> None:
    assert not answers(f"unix:{tmp_path / 'socket'}")
    assert not answers("tcp:127.0.0.1:1")


def test_a_cluster_is_in_use_until_its_user_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert not session.in_use()
    hold = (
        "import fcntl, sys, time; from tests.cluster.machine import session;"
        "f = session._users().open('ab'); fcntl.flock(f, fcntl.LOCK_SH); print('held', flush=True); time.sleep(60)"
    )
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    user = subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, env=env)
    assert user.stdout is not None
    assert user.stdout.readline() == b"held\n"
    assert session.in_use()
    user.kill()
    user.wait()
    assert not session.in_use()
