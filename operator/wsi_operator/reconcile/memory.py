"""What the operator remembers between two looks; after a restart each child is applied once more."""

from __future__ import annotations

from dataclasses import dataclass, field

from wsi_operator.indexer_api import IndexerStatus
from wsi_operator.reconcile.drift import Applied

ChildId = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True, slots=True)
class Told:
    """By the indexer."""

    status: IndexerStatus | None = None
    silence: str = ""
    """Why there is no status."""

    asked_at: float | None = None
    """By the monotonic clock; None when there was nobody to ask."""


@dataclass(slots=True)
class Memory:
    """Of one resource."""

    uid: str
    applied: dict[ChildId, Applied] = field(default_factory=dict)
    repaired: dict[ChildId, float] = field(default_factory=dict)
    """When what others had changed was put right last, by the monotonic clock."""

    made: dict[ChildId, float] = field(default_factory=dict)
    """When one was made last, by the monotonic clock."""

    told: Told = field(default_factory=Told)
    ready: bool = False
