"""How a Deployment is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Workload:
    """Read off a Deployment. Counts are pods."""

    wanted: int
    replicas: int
    ready: int
    available: int
    complete: bool
    """All pods are of the Deployment's current generation, and once were available."""

    enough: bool
    """As many are available as the Deployment's own strategy asks for."""

    refusal: str
    """Why pods can't be made or don't get ready, in the cluster's words; empty when it has no complaint."""

    selector: str
    """Of its pods, as ``kubectl -l`` takes it."""

    @classmethod
    def of(cls, deployment: Mapping[str, Any]) -> Workload:
        """From the API's JSON."""
        spec: Mapping[str, Any] = deployment.get("spec") or {}
        status: Mapping[str, Any] = deployment.get("status") or {}
        conditions = {c.get("type"): c for c in status.get("conditions") or ()}
        replicas, updated = int(status.get("replicas") or 0), int(status.get("updatedReplicas") or 0)
        wanted = int(spec["replicas"]) if spec.get("replicas") is not None else 1
        seen = int(status.get("observedGeneration") or 0) >= int(
            (deployment.get("metadata") or {}).get("generation") or 0
        )
        rolled_out = (conditions.get("Progressing") or {}).get("reason") == "NewReplicaSetAvailable"
        labels = (spec.get("selector") or {}).get("matchLabels") or {}
        return cls(
            wanted=wanted,
            replicas=replicas,
            ready=int(status.get("readyReplicas") or 0),
            available=int(status.get("availableReplicas") or 0),
            complete=seen and replicas == updated and (rolled_out or wanted == 0),
            enough=(conditions.get("Available") or {}).get("status") == "True",
            refusal=_refusal(conditions),
            selector=",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        )

    def serves(self, least: int | None = None) -> bool:
        """Whether it is rolled out and available; ``least`` pods count as enough where an autoscaler adds more."""
        return self.complete and (self.enough if least is None else self.available >= max(1, min(least, self.wanted)))


def _refusal(conditions: Mapping[Any, Mapping[str, Any]]) -> str:
    failure = conditions.get("ReplicaFailure") or {}
    if failure.get("status") == "True":
        return str(failure.get("message") or "its pods can't be made")
    return ""
