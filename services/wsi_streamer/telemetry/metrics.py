"""Prometheus metrics of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_S3_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)
_SCAN_SECONDS = (0.1, 1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one metric of a process, in a form that can be sent to another."""

    name: str
    documentation: str
    type: str
    samples: Sequence[tuple[str, Mapping[str, str], float]]
    """Name, labels, value."""


class _Merged(Collector):
    """Families of several processes, each family once: what Prometheus' text format asks for."""

    def __init__(self, own: Iterable[Metric], workers: Mapping[str, Sequence[Family]]) -> None:
        self._metrics = {metric.name: metric for metric in own}
        for worker, families in workers.items():
            for family in families:
                self._add(worker, family)

    def _add(self, worker: str, family: Family) -> None:
        metric = self._metrics.get(family.name)
        if metric is None:
            metric = self._metrics[family.name] = Metric(family.name, family.documentation, family.type)
        for name, labels, value in family.samples:
            metric.add_sample(name, {**labels, "worker": worker}, value)

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics.values()


class Metrics:
    """A registry of its own, so that two services in one process share it and two tests don't. No label ever holds a
    slide's key or id: there are too many of them, and they are nobody's business who reads metrics."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._registry = registry
        self.requests = Counter(
            "wsi_http_requests", "HTTP requests answered.", ("service", "route", "method", "status"), registry=registry
        )
        self.latency = Histogram(
            "wsi_http_request_seconds",
            "Time to answer an HTTP request.",
            ("service", "route"),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self.s3_requests = Counter(
            "wsi_s3_requests",
            "Requests to the object store, retries included; status is 'none' where no answer came.",
            ("operation", "status"),
            registry=registry,
        )
        self.s3_bytes = Counter("wsi_s3_received_bytes", "Body bytes from the object store.", registry=registry)
        self.s3_seconds = Histogram(
            "wsi_s3_request_seconds",
            "Time of a request to the object store.",
            ("operation",),
            buckets=_S3_SECONDS,
            registry=registry,
        )
        self.tile_cache = Counter(
            "wsi_tile_cache",
            "Pictures by where they came from: hit (memory), joined (someone else's fetch), miss.",
            ("result",),
            registry=registry,
        )
        self.tile_cache_bytes = Gauge("wsi_tile_cache_bytes", "Bytes in the tile cache.", registry=registry)
        self.read_ahead = Counter(
            "wsi_read_ahead_bytes",
            "Bytes of tiles read before they were asked for: guessed (of these: used), hinted by viewers (of these over the "
            "limit: dropped).",
            ("result",),
            registry=registry,
        )
        self.transcode_waiting = Gauge("wsi_transcode_waiting", "Transcodes waiting or running.", registry=registry)
        self.transcode_refused = Counter(
            "wsi_transcode_refused", "Transcodes refused because too many waited.", registry=registry
        )
        self.index_jobs = Counter("wsi_index_jobs", "Index jobs finished.", ("outcome",), registry=registry)
        self.index_backlog = Gauge("wsi_index_backlog", "Index jobs not finished yet.", registry=registry)
        self.slides = Gauge("wsi_slides", "Slides in the catalog.", ("status",), registry=registry)
        self.scans = Counter("wsi_scans", "Scans of the bucket.", ("outcome",), registry=registry)
        self.scan_seconds = Histogram(
            "wsi_scan_seconds", "Time of a scan of the bucket.", buckets=_SCAN_SECONDS, registry=registry
        )

        self.audit_records = Counter(
            "wsi_audit_records",
            "Records of the audit log: written (to Postgres), spooled (to disk), delivered (from there), lost (nothing took them).",
            ("result",),
            registry=registry,
        )
        self.audit_waiting = Gauge(
            "wsi_audit_waiting", "Records of the audit log that wait to be written.", registry=registry
        )
        self.clock_offset = Gauge(
            "wsi_clock_offset_seconds", "How far Postgres' clock is ahead of this machine's.", registry=registry
        )
        self.connections_moved = Counter(
            "wsi_connections_moved",
            "Connections passed on to the worker that knows the slide (with --workers).",
            registry=registry,
        )
        self.worker_up = Gauge(
            "wsi_worker_up", "Whether a worker serves (with --workers).", ("worker",), registry=registry
        )
        self.worker_restarts = Counter(
            "wsi_worker_restarts", "Workers that ended and were started again.", ("worker",), registry=registry
        )

    def show_requests_in_flight(self, count: Callable[[], int]) -> None:
        """Have ``count`` asked at each look for how many requests are under way on the public port. Where another process
        serves that port there is no such number here."""
        gauge = Gauge("wsi_requests_in_flight", "Requests under way on the public port.", registry=self._registry)
        gauge.set_function(count)

    def s3_request(self, operation: str, status: int | None, bytes_received: int, seconds: float) -> None:
        """Count one request to the object store (objectstore's Observer)."""
        self.s3_requests.labels(operation, "none" if status is None else str(status)).inc()
        self.s3_bytes.inc(bytes_received)
        self.s3_seconds.labels(operation).observe(seconds)

    def families(self) -> list[Family]:
        """All of it, for another process."""
        return [
            Family(m.name, m.documentation, m.type, [(s.name, dict(s.labels), s.value) for s in m.samples])
            for m in self._registry.collect()
        ]

    def render(self, workers: Mapping[str, Sequence[Family]] | None = None) -> tuple[bytes, str]:
        """All of it in Prometheus' text format, and that format's content type. What ``workers`` counted stands beside it
        in the same families, with their names as label ``worker``."""
        if not workers:
            return generate_latest(self._registry), CONTENT_TYPE_LATEST
        return generate_latest(_Merged(self._registry.collect(), workers)), CONTENT_TYPE_LATEST
