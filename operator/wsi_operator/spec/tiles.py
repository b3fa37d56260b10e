"""Serving tiles."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_operator.spec.autoscaling import Autoscaling
from wsi_operator.spec.fields import Fields
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.quantity import amount
from wsi_operator.spec.requirements import Requirements
from wsi_operator.spec.topology_spread import TopologySpread


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tile workers."""

    replicas: int
    """Counts while nothing scales them."""

    autoscaling: Autoscaling | None
    cache_bytes: int
    """Memory for tiles, of each worker."""

    resources: Requirements
    topology_spread: TopologySpread | None
    max_unavailable: int | str | None
    """How many an eviction may take at once, or percent; None: no PodDisruptionBudget."""

    termination_grace_seconds: int

    @classmethod
    def of(cls, fields: Fields) -> Tiles:
        """From ``spec.tiles``."""
        budget = fields.object("pdb")
        found = cls(
            replicas=fields.integer("replicas"),
            autoscaling=Autoscaling.of(fields.object("autoscaling")),
            cache_bytes=int(amount(fields.quantity("cacheSize"), fields.at("cacheSize"))),
            resources=Requirements.of(fields.object("resources")),
            topology_spread=TopologySpread.of(fields.object("topologySpread")),
            max_unavailable=_count_or_percent(budget, "maxUnavailable") if budget.flag("enabled") else None,
            termination_grace_seconds=fields.integer("terminationGraceSeconds"),
        )
        found._check()
        return found

    def _check(self) -> None:
        if self.cache_bytes < 1:
            raise InvalidSpec("spec.tiles.cacheSize must be more than nothing: 256Mi is the default.")
        limit = self.resources.limit("memory")
        if limit is not None and self.cache_bytes >= limit:
            raise InvalidSpec(
                "spec.tiles.cacheSize does not fit into spec.tiles.resources.limits.memory: a worker would be killed once "
                "its cache is full. Raise the limit, or lower the cache to half of it."
            )
        if self.autoscaling is not None and not self.resources.requested("cpu"):
            raise InvalidSpec(
                "spec.tiles.autoscaling goes by the share of the requested CPU: set spec.tiles.resources.requests.cpu."
            )


def _count_or_percent(fields: Fields, name: str) -> int | str:
    value = fields.plain(name)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal() and int(value[:-1]) <= 100:
        return value
    raise InvalidSpec(f"{fields.at(name)} must be a number of pods, or percent such as 25%.")
