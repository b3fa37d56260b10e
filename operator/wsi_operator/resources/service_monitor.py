"""Where Prometheus finds metrics."""

from __future__ import annotations

from wsi_operator.resources.kinds import SERVICE_MONITOR
from wsi_operator.resources.labels import Manifest, child, labels
from wsi_operator.resources.ports import ADMIN
from wsi_operator.spec.streamer import WSIStreamer


def service_monitor(streamer: WSIStreamer) -> Manifest | None:
    """Each tile worker and indexer: their Services are the ones with an admin port."""
    asked = streamer.spec.monitoring.service_monitor
    if asked is None:
        return None
    mine = labels(streamer)
    return child(
        streamer,
        SERVICE_MONITOR,
        streamer.name,
        more_labels=asked.labels,
        spec={
            "selector": {"matchLabels": mine},
            "endpoints": [{"port": ADMIN, "path": "/metrics", "interval": f"{asked.interval_seconds}s"}],
        },
    )
