"""``make run``: it serves what it promises, and leaves nothing running however it is ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.support.s3server import free_port

REPO = Path(__file__).resolve().parents[3]


@pytest.fixture
def slides(tmp_path: Path) -> Path:
    """A folder with one small slide."""
    folder = tmp_path / "slides"
    folder.mkdir()
    tifffile.imwrite(
        folder / "one slide.tif", np.full((600, 500, 3), 200, np.uint8), tile=(256, 256), photometric="rgb"
    )
    return folder


@pytest.fixture
def demo(slides: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running demo, as a terminal would have it: in a process group of its own."""
    port = free_port()
    process = start("--port", str(port), "--samples", str(slides), "--keep", str(tmp_path / "keep"))
    try:
        wait_for_line(process, f"http://localhost:{port}")
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def start(*arguments: str) -> subprocess.Popen[str]:
    """``python -m tests.demo``."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.demo", *arguments],
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for_line(process: subprocess.Popen[str], wanted: str) -> None:
    """Read its output until a line holds ``wanted``."""
    seen = []
    assert process.stdout is not None
    for line in process.stdout:
        seen.append(line)
        if wanted in line:
            return
    pytest.fail(f"it ended with {process.wait()}:\n{''.join(seen)}")


def keys(port: int) -> list[str]:
    """What it lists."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/slides", timeout=10) as answer:
        found: list[str] = json.load(answer)["slides"]
        return found


def family(root: int) -> set[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = set(), [root]
    while todo:
        pid = todo.pop()
        found.add(pid)
        todo += parents.get(pid, [])
    return found


def mentioning(folder: Path) -> set[int]:
    """Processes that were started with this folder: the S3 server, Postgres, the command."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in line:
            found.add(int(entry.name))
    return found


def running(pids: set[int]) -> set[int]:
    """Those of them that are still there, zombies of other parents aside."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.add(pid)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="missing: /proc")
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_and_then_ends_as_a_whole(
    demo: tuple[subprocess.Popen[str], int], tmp_path: Path, signal_number: signal.Signals
) -> None:
    process, port = demo
    deadline = time.monotonic() + 30
    while keys(port) != ["one slide.tif"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    everyone = family(process.pid) | mentioning(tmp_path)
    assert len(everyone) >= 4, "demo, S3 server, command, Postgres"

    os.killpg(process.pid, signal_number)  # as a terminal does it
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 0, output
    assert "Traceback" not in output
    assert "Stopped" in output
    deadline = time.monotonic() + 5
    while (left := running(everyone | mentioning(tmp_path))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="missing: /proc")
@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_it_can_be_stopped_while_it_starts(slides: Path, tmp_path: Path, seconds: float) -> None:
    process = start("--port", str(free_port()), "--samples", str(slides), "--keep", str(tmp_path / "keep"))
    wait_for_line(process, "Starting wsi-streamer")
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    assert not running(mentioning(tmp_path))


def test_a_second_start_sends_only_what_changed(slides: Path, tmp_path: Path) -> None:
    arguments = ("--samples", str(slides), "--keep", str(tmp_path / "keep"))
    outputs = []
    for _ in range(2):
        port = free_port()
        process = start("--port", str(port), *arguments)
        seen = []
        assert process.stdout is not None
        for line in process.stdout:
            seen.append(line)
            if "http://localhost" in line:
                break
        process.terminate()
        seen.append(process.communicate(timeout=60)[0])
        outputs.append("".join(seen))
        (slides / "another.tif").write_bytes((slides / "one slide.tif").read_bytes())
    assert "Uploading one slide.tif" in outputs[0]
    assert "Uploading another.tif" in outputs[1]
    assert "Uploading one slide.tif" not in outputs[1]


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        process = start("--port", str(port))
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == f"Port {port} is in use. Choose another: make run PORT={port + 100}\n"
