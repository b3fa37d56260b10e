from __future__ import annotations

import json
import os
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
from tests.support.s3server import Bucket

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
    env = environment(
        filled, data_dir, WSI_DATABASE_URL=database_url, WSI_AUTH_SECRET="top-secret-of-the-tests", WSI_WORKERS="2"
    )
    with running(f"s3://{filled.name}", env=env | {"WSI_LOG_FORMAT": "json"}) as service:
        service.wait_for("/ready", admin=True)
        for key in KEYS:
            service.wait_for(tile(key))
        yield service


def test_all_routes_are_served_and_it_stops_cleanly(service: Running) -> None:
    assert json.loads(service.get("/slides")[1])["slides"] == KEYS
    for path in ("/", "/health", "/view/case%2Fa.tif", "/slides/case%2Fa.tif", "/slides/case%2Fa.tif.dzi",
                 "/slides/case%2Fa.tif/thumbnail", "/slides/case%2Fa.tif/dzi_files/8/0_0.jpg", "/schema/openapi.json"):  # fmt: skip
        assert service.get(path)[0] == 200, path
    assert (
        service.get("/tiles/case%2Fa.tif/9/0/0.jpg")[0] == 404 or service.get("/tiles/case%2Fa.tif/9/0/0.jpg")[0] == 400
    )
    workers = children(service)
    assert len(workers) == 2, [p.cmdline() for p in psutil.Process(service.process.pid).children(recursive=True)]
    for worker in workers:
        assert "secret" not in " ".join(worker.cmdline())
    code, out, err = service.stop()
    assert (code, out.count("\n")) == (0, 1)
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
