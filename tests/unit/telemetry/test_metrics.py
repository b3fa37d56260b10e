from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from wsi_streamer.telemetry.metrics import Metrics


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
