"""Where pods may run, and what is written on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsi_operator.spec.fields import Fields


@dataclass(frozen=True, slots=True)
class Scheduling:
    """Kubernetes' own, passed on to every pod as it is."""

    node_selector: Mapping[str, str]
    tolerations: tuple[Mapping[str, Any], ...]
    affinity: Mapping[str, Any]
    priority_class: str | None
    pod_annotations: Mapping[str, str]

    @classmethod
    def of(cls, fields: Fields) -> Scheduling:
        """From the spec itself."""
        return cls(
            node_selector=fields.strings("nodeSelector"),
            tolerations=tuple(fields.plain("tolerations") or ()),
            affinity=fields.plain("affinity") or {},
            priority_class=fields.maybe_text("priorityClassName"),
            pod_annotations=fields.strings("podAnnotations"),
        )
