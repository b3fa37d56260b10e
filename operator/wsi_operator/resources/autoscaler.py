"""How many tile workers, decided by the cluster."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.kinds import AUTOSCALER, DEPLOYMENT
from wsi_operator.resources.labels import Component, Manifest, child
from wsi_operator.resources.names import tiles_name
from wsi_operator.spec.streamer import WSIStreamer

IN_FLIGHT = "wsi_requests_in_flight"
"""A gauge of each worker; an adapter (prometheus-adapter, KEDA's) must offer it as a pods metric."""


def autoscaler(streamer: WSIStreamer) -> Manifest | None:
    """By CPU, and by requests being answered where that is asked for: whichever asks for more pods. How fast is the
    cluster's default: up at once, down after five minutes."""
    scaling = streamer.spec.tiles.autoscaling
    if scaling is None or streamer.spec.suspend:
        return None
    metrics: list[dict[str, Any]] = [
        {
            "type": "Resource",
            "resource": {
                "name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": scaling.target_cpu_utilization},
            },
        }
    ]
    if scaling.target_in_flight is not None:
        metrics.append(
            {
                "type": "Pods",
                "pods": {
                    "metric": {"name": IN_FLIGHT},
                    "target": {"type": "AverageValue", "averageValue": _quantity(scaling.target_in_flight)},
                },
            }
        )
    name = tiles_name(streamer.name)
    return child(
        streamer,
        AUTOSCALER,
        name,
        component=Component.TILES,
        spec={
            "scaleTargetRef": {"apiVersion": DEPLOYMENT.api_version, "kind": DEPLOYMENT.kind, "name": name},
            "minReplicas": scaling.min_replicas,
            "maxReplicas": scaling.max_replicas,
            "metrics": metrics,
        },
    )


def _quantity(number: int) -> str:
    """As the API server writes it: 2000 is 2k."""
    return f"{number // 1000}k" if number % 1000 == 0 else str(number)
