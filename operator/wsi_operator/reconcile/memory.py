"""What the operator remembers between two looks; after a restart each child is applied once more."""

from __future__ import annotations

from dataclasses import dataclass, field

from wsi_operator.reconcile.drift import Applied

ChildId = tuple[str, str]
"""Kind and name."""


@dataclass(slots=True)
class Memory:
    """Of one resource."""

    uid: str
    applied: dict[ChildId, Applied] = field(default_factory=dict)
    ready: bool = False
