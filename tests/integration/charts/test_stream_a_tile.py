"""The program of `helm test`, against real services: it streams a tile, or says in words what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest

from tests.support.chart_files import INSTANCE
from tests.support.s3server import Bucket, free_port
from tests.support.services import Service, StartService
from tests.support.tiffs import picture, written

PROGRAM = INSTANCE / "files" / "stream_a_tile.py"
KEY = "Yamada Taro/case 1.tif"


def run(
    service: str, admin: str, mode: str, *, token: str = "", seconds: float = 3
) -> subprocess.CompletedProcess[str]:
    """As its pod does: nothing but the standard library and the environment."""
    env = {"SERVICE_URL": service, "ADMIN_URL": admin, "ACCESS_MODE": mode, "TIMEOUT_SECONDS": str(seconds)}
    env |= {"ADMIN_TOKEN": token} if token else {}
    # -S: no installed package is at hand; -I: no variable or folder of this test either.
    line = [sys.executable, "-I", "-S", "-c", PROGRAM.read_text(encoding="utf-8")]
    path = {"PATH": os.environ["PATH"]}
    return subprocess.run(line, env=env | path, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def slides(bucket: Bucket) -> Bucket:
    bucket.put(KEY, written([picture(500, 300)], compression="jpeg", tile=(64, 64)))
    return bucket


def started(start_service: StartService, mode: str) -> Service:
    secret = {} if mode == "open" else {"signing_keys": "a secret of at least 16 bytes"}
    service = start_service(access=mode, **secret)
    service.wait_indexed()
    return service


@pytest.mark.parametrize("mode", ["open", "signed"])
def test_it_streams_a_tile_and_names_no_slide(slides: Bucket, start_service: StartService, mode: str) -> None:
    service = started(start_service, mode)
    done = run(service.url, service.admin_url, mode, token=service.admin_token, seconds=30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a tile of level" in done.stdout
    assert done.stdout.endswith("OK: slides stream\n")
    assert "Yamada" not in done.stdout + done.stderr
    assert "case" not in done.stdout + done.stderr


def test_its_grant_is_taken_back(slides: Bucket, start_service: StartService) -> None:
    service = started(start_service, "signed")
    run(service.url, service.admin_url, "signed", token=service.admin_token, seconds=30)
    answer = httpx.get(f"{service.admin_url}/grants", headers=service.admin_headers, timeout=10)
    (grant,) = answer.json()["grants"]
    assert (grant["note"], grant["state"]) == ("helm test", "revoked")


def test_an_empty_bucket_is_named_as_such(bucket: Bucket, start_service: StartService) -> None:
    service = started(start_service, "open")
    done = run(service.url, service.admin_url, "open")
    assert done.returncode == 1
    assert "FAILED: no slide is indexed. Is there one in the bucket below storage.prefix" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_wrong_token_is_named_as_such(slides: Bucket, start_service: StartService) -> None:
    service = started(start_service, "signed")
    done = run(service.url, service.admin_url, "signed", token="another one")
    assert done.returncode == 1
    assert "FAILED: the admin API doesn't take the token in the Secret that ends in -admin" in done.stdout


def test_a_service_that_lets_everyone_in_is_no_success(slides: Bucket, start_service: StartService) -> None:
    service = started(start_service, "open")
    done = run(service.url, service.admin_url, "signed", token=service.admin_token)
    assert done.returncode == 1
    assert "FAILED" in done.stdout


def test_where_nothing_answers_it_says_what_to_look_at() -> None:
    done = run(f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}", "open", seconds=1)
    assert done.returncode == 1
    assert "FAILED: The Service can't be reached" in done.stdout
    assert "Are its pods ready (kubectl get pods)" in done.stdout
