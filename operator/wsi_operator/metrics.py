"""What Prometheus may ask of the operator."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """In a registry of its own. Labels are kinds and outcomes only: no names, so their number is bounded."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.reconciles = Counter(
            "wsi_operator_reconciles", "Resources looked at, by result", ["result"], registry=self.registry
        )
        self.seconds = Histogram(
            "wsi_operator_reconcile_seconds", "How long that took", registry=self.registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )  # fmt: skip
        self.depth = Gauge("wsi_operator_queue_depth", "Resources that wait for a worker", registry=self.registry)
        self.applies = Counter("wsi_operator_applies", "Children written, by kind", ["kind"], registry=self.registry)
        self.watch_lag = Gauge(
            "wsi_operator_watch_lag_seconds", "How long the longest missing watch event is missing",
            registry=self.registry,
        )  # fmt: skip
        self.resources = Gauge(
            "wsi_operator_resources", "WSIStreamers, by whether they are ready", ["ready"], registry=self.registry
        )

    def render(self) -> bytes:
        """The text format."""
        return generate_latest(self.registry)
