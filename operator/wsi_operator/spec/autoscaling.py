"""How many tile workers, left to the cluster."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec


@dataclass(frozen=True, slots=True)
class Autoscaling:
    """What a HorizontalPodAutoscaler is told."""

    min_replicas: int
    max_replicas: int
    target_cpu_utilization: int
    """Percent of the requested CPU."""

    target_in_flight: int | None
    """Requests being answered at once in each pod; needs a metrics adapter."""

    @classmethod
    def of(cls, fields: Fields) -> Autoscaling | None:
        """From ``spec.tiles.autoscaling``; None where it is off."""
        if not fields.flag("enabled"):
            return None
        least, most = fields.integer("min"), fields.integer("max")
        if least > most:
            raise InvalidSpec("spec.tiles.autoscaling.min is more than max: raise max, or lower min.")
        return cls(least, most, fields.integer("targetCPUUtilization"), fields.maybe_integer("targetInFlight"))
