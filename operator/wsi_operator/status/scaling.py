"""ScalingActive: who decides on the number of tile pods."""

from __future__ import annotations

from wsi_operator.status.condition import Condition
from wsi_operator.status.observation import Scaling


def scaling_active(scaling: Scaling, *, suspended: bool) -> Condition:
    """True when the autoscaler decides; the reason ReplicasIgnored answers a ``kubectl scale`` that can't have effect."""
    name = "ScalingActive"
    if suspended:
        return Condition(name, "False", "Suspended", "No tile pods run while spec.suspend is true.")
    if not scaling.autoscaled:
        return Condition(name, "False", "ReplicasDecide", "spec.tiles.replicas decides on the number of tile pods.")
    between = f"between {scaling.least} and {scaling.most}"
    if scaling.scale_used:
        message = (
            f"kubectl scale set spec.tiles.replicas to {scaling.replicas}, which has no effect while the autoscaler decides"
            f" ({between}): change spec.tiles.autoscaling.min and max, or set autoscaling.enabled to false."
        )
        return Condition(name, "True", "ReplicasIgnored", message)
    if scaling.complaint:
        return Condition(name, "False", "MetricsMissing", f"The autoscaler can't decide: {scaling.complaint}")
    return Condition(name, "True", "AutoscalerDecides", f"The autoscaler decides, {between} tile pods.")
