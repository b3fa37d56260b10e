from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.integration.cli.process import environment, run, running
from tests.integration.cli.slides import small_slide
from tests.support.s3server import Bucket
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.catalog.postmaster import Postmaster

TILE = "/tiles/case%2Fa.tif/0/0/0.jpg"


@pytest.fixture
def filled(bucket: Bucket) -> Bucket:
    """A slide, one within a folder, and something else."""
    bucket.put("case/a.tif", small_slide())
    bucket.put("other/b.tif", small_slide(300, 300))
    bucket.put("notes.txt", b"hello")
    return bucket


def leftovers(data_dir: Path) -> list[str]:
    """Processes that still have to do with a data directory."""
    return [
        " ".join(p.info["cmdline"] or ())
        for p in psutil.process_iter(["cmdline"])
        if str(data_dir) in " ".join(p.info["cmdline"] or ())
    ]


def test_one_command_serves_a_bucket_and_stops_cleanly(filled: Bucket, data_dir: Path) -> None:
    env = environment(filled, data_dir, WSI_LOG_FORMAT="json")
    with running(f"s3://{filled.name}", env=env) as service:
        assert service.wait_for(TILE)[:2] == b"\xff\xd8"
        assert json.loads(service.get("/slides")[1])["slides"] == ["case/a.tif", "other/b.tif"]
        assert json.loads(service.get("/ready", admin=True)[1]) == {"ready": True}
        assert b"wsi_http_requests_total" in service.get("/metrics", admin=True)[1]
        code, out, err = service.stop()
    assert code == 0
    assert out.count("\n") == 1
    assert f"Open http://localhost:{service.port}/ in a browser" in out
    assert "ACCESS IS OPEN" in err
    log = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert log
    assert "a.tif" not in json.dumps(log)
    assert "Traceback" not in err
    assert leftovers(data_dir) == []


def test_its_postgres_is_started_again_when_it_is_killed(filled: Bucket, data_dir: Path) -> None:
    with running(f"s3://{filled.name}", env=environment(filled, data_dir)) as service:
        service.wait_for(TILE)
        killed = Postmaster.of((data_dir / "postgres").resolve())
        assert killed is not None
        os.kill(killed.pid, signal.SIGKILL)
        service.wait_for("/slides", seconds=20)
        filled.put("case/late.tif", small_slide())
        service.wait_for("/tiles/case%2Flate.tif/0/0/0.jpg", seconds=20)
        code, _, err = service.stop()
    assert code == 0
    assert err.count("started again") == 1
    assert leftovers(data_dir) == []


def test_a_prefix_confines_it_and_the_next_bucket_does_not_disturb(filled: Bucket, data_dir: Path) -> None:
    env = environment(filled, data_dir, WSI_HOST="127.0.0.1")
    with running(f"s3://{filled.name}/case/", env=env) as service:
        service.wait_for(TILE)
        assert json.loads(service.get("/slides")[1])["slides"] == ["case/a.tif"]
        assert service.get("/tiles/other%2Fb.tif/0/0/0.jpg")[0] == 404
        code, _, err = service.stop(signal.SIGINT)
    assert code == 0
    assert "ACCESS IS OPEN" not in err
    with running("serve", env=env | {"WSI_S3_BUCKET": filled.name}) as service:
        service.wait_for("/tiles/other%2Fb.tif/0/0/0.jpg")
        service.wait_for(TILE)
        assert service.stop()[0] == 0


def test_signed_access_from_the_command_line(filled: Bucket, data_dir: Path) -> None:
    env = environment(filled, data_dir, WSI_AUTH_SECRET="abc")
    with running("--s3-bucket", filled.name, "--auth-enabled", env=env) as service:
        service.wait_for("/health")
        status, body = service.get(TILE)
        assert (status, json.loads(body)["error"]) == (401, "missing_signature")
        link = run("sign", "--path", TILE, env=env).stdout.strip()
        assert service.wait_for(link)[:2] == b"\xff\xd8"
        assert json.loads(service.get(link + "0")[1])["error"] == "invalid_signature_format"
        exp = int(time.time()) + 60
        token = f"exp={exp}&vt={SignedLinks((b'abc',)).viewer_token('case/a.tif', exp)}"
        assert service.get(f"{TILE}?{token}")[0] == 200
        assert service.get(f"/tiles/other%2Fb.tif/0/0/0.jpg?{token}")[0] == 401
        assert service.get(f"/view/case%2Fa.tif?{token}")[0] == 401
        code, out, err = service.stop()
    assert code == 0
    assert "wsi-streamer sign" in out
    assert "ACCESS IS OPEN" not in err


def test_a_signal_while_it_starts_ends_it(filled: Bucket, data_dir: Path) -> None:
    env = environment(filled, data_dir)
    with running(f"s3://{filled.name}", env=env) as service:
        deadline = time.monotonic() + 30
        while not data_dir.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        code, out, err = service.stop()
    assert (code, out) == (0, "")
    assert "Traceback" not in err
    assert leftovers(data_dir) == []


def test_services_apart_share_a_database(filled: Bucket, data_dir: Path, database_url: str) -> None:
    env = environment(filled, data_dir, WSI_DATABASE_URL=database_url, WSI_S3_BUCKET=filled.name)
    assert run("migrate", env=env).stdout == "The catalog is ready.\n"
    with running("tiles", env=env) as tiles, running("index", env=env | {"WSI_ADMIN_TOKEN": "t0ken"}) as indexer:
        tiles.wait_for(TILE)
        assert tiles.get("/admin/status", admin=True)[0] == 404
        assert indexer.get("/admin/status", admin=True)[0] == 401
        assert json.loads(indexer.get("/ready", admin=True)[1]) == {"ready": True}
        admin = f"http://127.0.0.1:{indexer.admin_port}"
        filled.put("case/new.tif", small_slide(300, 300))
        done = run("reindex", "--all", "--admin-url", admin, "--admin-token", "t0ken", env=env)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Done."), done
        assert "case/new.tif" in json.loads(tiles.get("/slides")[1])["slides"]
        done = run("reindex", "--key", "case/a.tif", "--force", "--admin-url", admin, "--admin-token", "t0ken", env=env)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Done."), done
        refused = run("reindex", "--all", "--admin-url", admin, "--admin-token", "wrong", env=env)
        assert (refused.returncode, "token" in refused.stderr) == (1, True)
        explained = run("explain", "case/a.tif", env=env)
        assert explained.returncode == 0
        assert "status: indexed" in explained.stdout
        assert "level 1: 350 x 250 px" in explained.stdout
        assert json.loads(run("explain", "case/a.tif", "--json", env=env).stdout)["key"] == "case/a.tif"
        assert run("explain", "nix", env=env).returncode == 1
        assert [indexer.stop()[0], tiles.stop()[0]] == [0, 0]


def test_no_indexer_to_ask(filled: Bucket, data_dir: Path) -> None:
    for url in ("http://127.0.0.1:1", "nonsense", "ftp://x"):
        done = run("reindex", "--all", "--admin-url", url, env=environment(filled, data_dir))
        assert done.returncode == 1
        assert one_line(done)


def one_line(done: subprocess.CompletedProcess[str]) -> bool:
    """One clear line, on stderr."""
    return done.stdout == "" and done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1
