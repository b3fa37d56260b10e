"""Kinds to whose spec nobody else may add: a further port or peer there is a further way in.

Of all others what somebody adds is theirs (sidecars, annotations); only what the operator has set is put right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsi_operator.reconcile.ownership import REPLICAS_MANAGER
from wsi_operator.resources.kinds import NETWORK_POLICY, SERVICE, Kind
from wsi_operator.resources.labels import MANAGER

CLOSED = frozenset({NETWORK_POLICY, SERVICE})


def opened(kind: Kind, manifest: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    """Whether such an object's spec holds what somebody else has put there, or not what the manifest says."""
    if kind not in CLOSED:
        return False
    return _others_own_spec(live) or not _holds(live.get("spec") or {}, manifest["spec"])


def closing(manifest: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch that leaves of the spec what the manifest says; the API server fills in its defaults again, and keeps what
    it has allotted (a Service's clusterIP)."""
    return {"metadata": {"uid": live["metadata"]["uid"]}, "spec": _only(manifest["spec"], live.get("spec") or {})}


def _others_own_spec(live: Mapping[str, Any]) -> bool:
    entries = (live.get("metadata") or {}).get("managedFields") or ()
    others = [e for e in entries if e.get("manager") not in (MANAGER, REPLICAS_MANAGER) and not e.get("subresource")]
    return any("f:spec" in (entry.get("fieldsV1") or {}) for entry in others)


def _holds(live: object, wanted: object) -> bool:
    """Whether all that is wanted is there, in lists of the same length."""
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and all(key in live and _holds(live[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        if not isinstance(live, list) or len(live) != len(wanted):
            return False
        return all(_holds(one, other) for one, other in zip(live, wanted, strict=True))
    return live == wanted


def _only(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {key: None for key in live if key not in wanted}
    for key, value in wanted.items():
        there = live.get(key)
        found[key] = _only(value, there) if isinstance(value, Mapping) and isinstance(there, Mapping) else value
    return found
