"""Whose jobs may be taken over at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wsi_streamer.indexer.worker_name import dead_workers, worker_name

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="missing: /proc")


def test_a_process_that_is_gone_is_dead_and_one_that_lives_is_not() -> None:
    code = "from wsi_streamer.indexer.worker_name import worker_name; print(worker_name(), flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert dead_workers([name], worker_name()) == []
    child.kill()
    child.wait()
    assert dead_workers([name], worker_name()) == [name]


def test_of_others_nothing_is_known() -> None:
    own = worker_name()
    host, namespace, pid, began, token = own.split("/")
    assert dead_workers([own, worker_name()], own) == []
    assert dead_workers([f"elsewhere/{namespace}/999999/1/{token}"], own) == []
    assert dead_workers([f"{host}/1/999999/1/{token}", "older-release-1f3a", ""], own) == []
    assert dead_workers([f"{host}//999999/1/{token}"], f"{host}//{pid}/{began}/{token}") == []


def test_a_process_id_that_was_given_out_anew_is_not_the_same_process() -> None:
    own = worker_name()
    host, namespace, pid, _, token = own.split("/")
    before = f"{host}/{namespace}/{pid}/1/{token}"
    assert dead_workers([before], own) == [before]
