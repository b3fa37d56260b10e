from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.cli.process import Running, environment, run, running
from tests.integration.cli.slides import small_slide
from tests.support.fault_proxy import FaultProxy
from tests.support.s3server import Bucket
from wsi_streamer.web.affinity import owner

SECRET = "long-secret-of-these-tests"
KEYS = [f"case/{letter}.tif" for letter in "abcdef"]


def tile(key: str) -> str:
    return f"/tiles/{key.replace('/', '%2F')}/0/0/0.jpg"


def answered(service: Running, route: str = "tile") -> dict[str, float]:
    """Requests of a route that each worker has answered."""
    text = service.get("/metrics", admin=True)[1].decode()
    return {
        sample.labels["worker"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "wsi_http_requests_total" and sample.labels["route"] == route and "worker" in sample.labels
    }


def children(service: Running) -> list[psutil.Process]:
    """Its tile workers."""
    found = psutil.Process(service.process.pid).children()
    return [child for child in found if "wsi_streamer.cli.tile_worker" in child.cmdline()]


def gone(processes: list[psutil.Process], seconds: float = 15) -> bool:
    return not psutil.wait_procs(processes, timeout=seconds)[1]


@pytest.fixture
def filled(bucket: Bucket) -> Bucket:
    for key in KEYS:
        bucket.put(key, small_slide())
    return bucket


@pytest.fixture
def service(filled: Bucket, data_dir: Path, database_url: str) -> Iterator[Running]:
    """The one-machine command with two workers, all slides indexed."""
    env = environment(filled, data_dir, WSI_DATABASE_URL=database_url, WSI_AUTH_SECRET=SECRET, WSI_WORKERS="2")
    with running(f"s3://{filled.name}", env=env | {"WSI_LOG_FORMAT": "json"}) as service:
        service.wait_for("/ready", admin=True)
        for key in KEYS:
            service.wait_for(tile(key))
        yield service


def test_all_routes_are_served_and_it_stops_cleanly(service: Running) -> None:
    assert json.loads(service.get("/slides")[1])["slides"] == KEYS
    slide = "/slides/case%2Fa.tif"
    routes = ("", ".dzi", "/dzi", "/thumbnail", "/dzi_files/8/0_0.jpg")
    for path in ("/", "/health", "/view/case%2Fa.tif", "/schema/openapi.json", *(slide + route for route in routes)):
        assert service.get(path)[0] == 200, path
    assert service.get("/nonsense")[0] == 404
    assert service.get("/tiles/case%2Fa.tif/0/999/0.jpg")[0] == 400
    workers = children(service)
    assert len(workers) == 2
    assert all(SECRET not in " ".join(worker.cmdline()) for worker in workers)
    code, out, err = service.stop()
    assert (code, out.count("\n")) == (0, 1)
    assert f"Open http://localhost:{service.port}/ in a browser" in out
    assert "Traceback" not in err
    assert "a.tif" not in err
    assert gone(workers)


def test_a_slide_stays_with_its_worker(service: Running) -> None:
    chosen = set()
    for key in KEYS:
        before = answered(service)
        for _ in range(12):  # each a connection of its own
            assert service.get(tile(key))[0] == 200
        after = answered(service)
        gained = {worker: after[worker] - before.get(worker, 0) for worker in after}
        assert sorted(gained.values()) in ([12.0], [0.0, 12.0]), gained
        chosen.add(max(gained, key=lambda worker: gained[worker]))
    assert chosen == {"0", "1"}


def test_metrics_of_all_are_valid(service: Running) -> None:
    service.get("/nonsense")
    text = service.get("/metrics", admin=True)[1].decode()
    for kind in ("HELP", "TYPE"):
        named = [line.split()[2] for line in text.splitlines() if line.startswith(f"# {kind} ")]
        assert len(named) == len(set(named)), named
    samples = [
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
    assert len(samples) == len(set(samples))
    memory = [dict(labels).get("worker") for name, labels in samples if name == "process_resident_memory_bytes"]
    assert sorted(map(str, memory)) == ["0", "1", "None"]
    assert 'wsi_worker_up{worker="1"} 1.0' in text
    # This process serves nobody: a number of its own would spoil the workers' mean.
    under_way = [labels for name, labels in samples if name == "wsi_requests_in_flight"]
    assert under_way == [(("worker", "0"),), (("worker", "1"),)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_ends_is_started_again_and_the_other_serves_on(service: Running, how: signal.Signals) -> None:
    first = children(service)[0]
    first.send_signal(how)
    assert gone([first])
    for key in KEYS:  # half of them were its own
        assert service.get(tile(key))[0] == 200
    service.wait_for("/ready", admin=True)
    workers = children(service)
    assert len(workers) == 2
    assert first.pid not in {worker.pid for worker in workers}
    for key in KEYS:
        assert service.get(tile(key))[0] == 200
    assert "wsi_worker_restarts_total" in service.get("/metrics", admin=True)[1].decode()
    code, _, err = service.stop()
    assert (code, err.count("started again")) == (0, 1)
    assert gone(workers)


def test_what_waits_for_a_worker_that_dies_is_answered_by_another(service: Running) -> None:
    workers = sorted(children(service), key=lambda worker: worker.cmdline()[-2:].index("-1"))  # its own outbox
    first = [key for key in KEYS if owner(key.encode(), [True, True]) == 0]
    assert first
    before = answered(service).get("1", 0)
    workers[0].suspend()
    clients = [socket.create_connection(("127.0.0.1", service.port), 30) for _ in first]
    for client, key in zip(clients, first, strict=True):
        client.sendall(f"GET {tile(key)} HTTP/1.1\r\nhost: h\r\n\r\n".encode())
    time.sleep(0.5)  # the other has accepted them, and passed them on
    workers[0].kill()
    for client in clients:
        with client:
            assert client.recv(12) == b"HTTP/1.1 200"
    assert answered(service)["1"] - before == len(first)
    assert service.stop()[0] == 0


def test_workers_do_not_outlive_the_command(service: Running) -> None:
    workers = children(service)
    service.process.kill()
    assert gone(workers)


def test_clients_that_say_nothing_keep_nobody_waiting(service: Running) -> None:
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(200)]
    for number, client in enumerate(silent):
        client.sendall(b"GET /tiles/case%2F"[: number % 19])
    began = time.monotonic()
    for key in KEYS:
        assert service.get(tile(key))[0] == 200
    assert time.monotonic() - began < 5
    code, _, _ = service.stop()
    assert code == 0
    for client in silent:
        client.close()


async def test_a_request_under_way_is_finished(
    filled: Bucket, data_dir: Path, database_url: str, fault_proxy: FaultProxy
) -> None:
    env = environment(filled, data_dir, WSI_DATABASE_URL=database_url, WSI_S3_ENDPOINT=fault_proxy.endpoint)

    def run() -> tuple[bytes, int, bool]:
        with running(f"s3://{filled.name}", "--workers", "2", env=env) as service:
            for key in KEYS:
                service.wait_for(f"/slides/{key.replace('/', '%2F')}")
            workers = children(service)
            fault_proxy.latency = 1.0
            clients = [socket.create_connection(("127.0.0.1", service.port)) for _ in KEYS]
            for client, key in zip(clients, KEYS, strict=True):
                client.sendall(f"GET {tile(key)} HTTP/1.1\r\nhost: h\r\n\r\n".encode())
            time.sleep(0.5)
            for worker in workers:  # as systemd does: all processes of the service at once
                worker.send_signal(signal.SIGTERM)
            code = service.stop()[0]
            statuses = {client.recv(12) for client in clients}
            for client in clients:
                client.close()
            return b" ".join(statuses), code, gone(workers)

    assert await asyncio.to_thread(run) == (b"HTTP/1.1 200", 0, True)


def test_tile_workers_alone(filled: Bucket, data_dir: Path, database_url: str) -> None:
    env = environment(filled, data_dir, WSI_DATABASE_URL=database_url, WSI_S3_BUCKET=filled.name, WSI_HOST="::1")
    with running("index", env=env), running("tiles", "--workers", "2", env=env) as tiles:
        tiles.wait_for("/ready", admin=True)
        with socket.create_connection(("::1", tiles.port), 40) as client:
            client.sendall(f"GET {tile(KEYS[0])} HTTP/1.1\r\nhost: h\r\n\r\n".encode())
            assert client.recv(12) == b"HTTP/1.1 200"
        workers = children(tiles)
        assert tiles.stop()[0] == 0
        assert gone(workers)


def test_the_embedded_postgres_serves_the_workers_too(filled: Bucket, data_dir: Path) -> None:
    with running(f"s3://{filled.name}", "--workers", "2", env=environment(filled, data_dir)) as service:
        service.wait_for(tile(KEYS[0]))
        workers = children(service)
        assert service.stop(signal.SIGINT)[0] == 0
        assert gone(workers)


def test_a_signal_while_workers_start_ends_all(filled: Bucket, data_dir: Path, database_url: str) -> None:
    env = environment(filled, data_dir, WSI_DATABASE_URL=database_url)
    with running(f"s3://{filled.name}", "--workers", "2", env=env) as service:
        deadline = time.monotonic() + 30
        while not (workers := children(service)):
            assert time.monotonic() < deadline
        code, out, err = service.stop()
    assert (code, out) == (0, "")
    assert "Traceback" not in err
    assert gone(workers)


def test_workers_that_cannot_start_are_one_clear_line(filled: Bucket, data_dir: Path, database_url: str) -> None:
    env = environment(filled, data_dir, WSI_DATABASE_URL=database_url)
    done = run("tiles", f"s3://{filled.name}", "--workers", "0", env=env)
    assert (done.returncode, done.stderr) == (1, "Error: --workers must be at least 1.\n")
