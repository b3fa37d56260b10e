"""What Prometheus may know. Labels are few and fixed: no slide, no key, no client."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One process's metrics, in a registry of their own."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.requests = Counter(
            "wsi_http_requests", "Requests answered", ["service", "route", "method", "status"], registry=registry
        )
        self.latency = Histogram(
            "wsi_http_request_seconds", "Time to answer", ["service", "route"], buckets=_SECONDS, registry=registry
        )
        self.s3_requests = Counter(
            "wsi_s3_requests", "Requests to the object store", ["operation", "status"], registry=registry
        )
        self.s3_bytes = Counter("wsi_s3_received_bytes", "Bytes from the object store", registry=registry)
        self.s3_seconds = Histogram(
            "wsi_s3_request_seconds", "Time of one request", ["operation"], buckets=_SECONDS, registry=registry
        )
        self.tile_cache = Counter(
            "wsi_tile_cache", "Tiles asked of the cache: hit, miss, joined", ["result"], registry=registry
        )
        self.tile_cache_bytes = Gauge("wsi_tile_cache_bytes", "Bytes in the tile cache", registry=registry)
        self.transcode_waiting = Gauge("wsi_transcode_waiting", "Tiles being transcoded or waiting", registry=registry)
        self.transcode_refused = Counter("wsi_transcode_refused", "Tiles refused: too many waiting", registry=registry)
        self.index_jobs = Counter("wsi_index_jobs", "Index jobs finished", ["outcome"], registry=registry)
        self.index_backlog = Gauge("wsi_index_backlog", "Index jobs not finished", registry=registry)
        self.slides = Gauge("wsi_slides", "Slides in the catalog", ["status"], registry=registry)
        self.scans = Counter("wsi_scans", "Scans of the bucket", ["outcome"], registry=registry)
        self.scan_seconds = Histogram(
            "wsi_scan_seconds", "Time of a scan", buckets=(0.1, 1, 10, 60, 600, 3600), registry=registry
        )

    def s3_request(self, operation: str, status: int | None, bytes_received: int, seconds: float) -> None:
        """An `Observer` of the object store."""
        self.s3_requests.labels(operation, "none" if status is None else str(status)).inc()
        self.s3_bytes.inc(bytes_received)
        self.s3_seconds.labels(operation).observe(seconds)

    def render(self) -> tuple[bytes, str]:
        """The exposition, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
