"""What builders need to know beside the spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Situation:
    """Of the operator and of the cluster, at one moment."""

    default_image: str
    """For resources that name none."""

    operator_namespace: str
    """Where the operator runs: its pods may talk to the indexer."""

    operator_pod_labels: Mapping[str, str] = field(default_factory=dict)
    """That only its pods have; empty: any pod of that namespace."""

    versions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """resourceVersion by kind and name, of the Secrets and ConfigMaps that pods read. What is missing counts as absent."""

    indexer_replicas: int = 1
    """Worked out from the backlog."""
