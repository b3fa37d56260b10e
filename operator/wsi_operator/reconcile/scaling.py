"""Who decides on the number of tile pods, read off the resource and its autoscaler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsi_operator.reconcile.ownership import owns_path
from wsi_operator.spec.streamer import WSIStreamer
from wsi_operator.status.observation import Scaling


def scaling_of(streamer: WSIStreamer, body: Mapping[str, Any], autoscaler: Mapping[str, Any] | None) -> Scaling:
    """``autoscaler`` is the HorizontalPodAutoscaler; None when there is none (yet)."""
    tiles = streamer.spec.tiles
    decides = tiles.autoscaling
    return Scaling(
        replicas=tiles.replicas,
        autoscaled=decides is not None,
        least=0 if decides is None else decides.min_replicas,
        most=0 if decides is None else decides.max_replicas,
        scale_used=scale_used(body),
        complaint=_complaint(autoscaler or {}),
    )


def scale_used(body: Mapping[str, Any]) -> bool:
    """Whether ``spec.tiles.replicas`` came by the scale subresource (``kubectl scale``), and from nobody else since."""
    entries = (body.get("metadata") or {}).get("managedFields") or ()
    return any(
        entry.get("subresource") == "scale" and owns_path(entry.get("fieldsV1"), "spec", "tiles", "replicas")
        for entry in entries
    )


def _complaint(autoscaler: Mapping[str, Any]) -> str:
    """Of the autoscaler: it has no metrics, or may not scale. One that was only just made has none yet."""
    for condition in (autoscaler.get("status") or {}).get("conditions") or ():
        if condition.get("type") in ("AbleToScale", "ScalingActive") and condition.get("status") == "False":
            if condition.get("reason") == "ScalingDisabled":
                continue
            return str(condition.get("message") or condition.get("reason"))
    return ""
