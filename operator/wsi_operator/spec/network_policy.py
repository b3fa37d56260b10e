"""Who may talk to the pods, and to whom they may talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsi_operator.spec.fields import Fields


@dataclass(frozen=True, slots=True)
class NetworkPolicySpec:
    """Peers and rules are Kubernetes' own, passed on as they are."""

    ingress_from: tuple[Mapping[str, Any], ...]
    egress: tuple[Mapping[str, Any], ...]
    """Empty: unrestricted."""

    @classmethod
    def of(cls, fields: Fields) -> NetworkPolicySpec | None:
        """From ``spec.networkPolicy``; None where it is off."""
        if not fields.flag("enabled"):
            return None
        return cls(tuple(fields.plain("ingressFrom") or ()), tuple(fields.plain("egress") or ()))
