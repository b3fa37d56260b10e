"""Whose an object is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsi_operator.resources.labels import MANAGER

REPLICAS_MANAGER = "wsi-streamer-operator-replicas"
"""Holds a Deployment's replicas while they go from us to the autoscaler."""


def owned_by(body: Mapping[str, Any], uid: str) -> bool:
    """Whether its controller is the object with this uid."""
    references = (body.get("metadata") or {}).get("ownerReferences") or ()
    return any(reference.get("controller") and reference.get("uid") == uid for reference in references)


def has_controller(body: Mapping[str, Any]) -> bool:
    """Whether it has any controller."""
    return any(reference.get("controller") for reference in (body.get("metadata") or {}).get("ownerReferences") or ())


def applied_fields(body: Mapping[str, Any], manager: str = MANAGER) -> Mapping[str, Any] | None:
    """The fields that a manager has applied and still owns (``fieldsV1``); None when it has applied none.

    Whoever changes or removes such a field takes it off this set; whoever adds one of their own doesn't.
    """
    for entry in (body.get("metadata") or {}).get("managedFields") or ():
        if entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource"):
            fields = entry.get("fieldsV1")
            return fields if isinstance(fields, Mapping) else {}
    return None


def owns_path(fields: Mapping[str, Any] | None, *path: str) -> bool:
    """Whether ``fieldsV1`` holds this field: ``owns_path(fields, "spec", "replicas")``."""
    at: Any = fields
    for name in path:
        at = at.get(f"f:{name}") if isinstance(at, Mapping) else None
    return at is not None
