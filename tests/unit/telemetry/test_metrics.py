from __future__ import annotations

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from wsi_streamer.telemetry.metrics import Family, Metrics


def samples(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    text = metrics.render()[0].decode()
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.values()))): s.value for f in families for s in f.samples}


def test_store_requests_are_counted() -> None:
    metrics = Metrics()
    metrics.s3_request("get", 206, 1000, 0.02)
    metrics.s3_request("get", None, 0, 5.0)
    found = samples(metrics)
    assert found["wsi_s3_requests_total", ("206", "get")] == 1
    assert found["wsi_s3_requests_total", ("get", "none")] == 1
    assert found["wsi_s3_received_bytes_total", ()] == 1000
    assert found["wsi_s3_request_seconds_count", ("get",)] == 2


def test_each_instance_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.transcode_refused.inc()
    assert samples(one)["wsi_transcode_refused_total", ()] == 1
    assert samples(other)["wsi_transcode_refused_total", ()] == 0


def test_the_process_itself_is_measured() -> None:
    assert ("process_resident_memory_bytes", ()) in samples(Metrics())


def test_workers_stand_beside_each_other_in_the_same_families() -> None:
    command, workers = Metrics(), [Metrics(), Metrics()]
    command.s3_request("list", 200, 10, 0.02)
    for number, worker in enumerate(workers):
        worker.s3_request("get", 206, 1000 * (number + 1), 0.02)
        worker.tile_cache.labels("hit").inc()
    sent = msgspec.msgpack.encode({str(n): worker.families() for n, worker in enumerate(workers)})
    text = command.render(msgspec.msgpack.decode(sent, type=dict[str, list[Family]]))[0].decode()
    for kind in ("HELP", "TYPE"):
        named = [line.split()[2] for line in text.splitlines() if line.startswith(f"# {kind} ")]
        assert len(named) == len(set(named))
    parsed = {family.name: family for family in text_string_to_metric_families(text)}
    assert [(s.labels, s.value) for s in parsed["wsi_s3_received_bytes"].samples if s.name.endswith("_total")] == [
        ({}, 10), ({"worker": "0"}, 1000), ({"worker": "1"}, 2000)
    ]  # fmt: skip
    assert parsed["wsi_s3_request_seconds"].type == "histogram"
    assert {s.labels.get("worker") for s in parsed["wsi_tile_cache"].samples} == {"0", "1"}
    assert {s.labels.get("worker") for s in parsed["process_resident_memory_bytes"].samples} == {None, "0", "1"}
