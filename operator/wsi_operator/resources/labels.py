"""What says whose a child is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from wsi_operator.resources.kinds import Kind
from wsi_operator.spec.streamer import API_VERSION, KIND, WSIStreamer

NAME, INSTANCE, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"
MANAGED_BY, PART_OF = "app.kubernetes.io/managed-by", "app.kubernetes.io/part-of"
APP = "wsi-streamer"
MANAGER = "wsi-streamer-operator"
OPERATOR_PODS = {NAME: MANAGER}
"""Labels by which policies know the operator's own pods; the chart gives them."""

Manifest = dict[str, Any]


class Component(StrEnum):
    """What a pod does; also the name of its container."""

    TILES = "tiles"
    INDEXER = "indexer"
    MIGRATE = "migrate"
    AUDIT = "audit"


def labels(streamer: WSIStreamer, component: Component | None = None) -> dict[str, str]:
    """Of every child."""
    found = {NAME: APP, INSTANCE: streamer.name, MANAGED_BY: MANAGER, PART_OF: APP}
    return found if component is None else found | {COMPONENT: str(component)}


def selector(streamer: WSIStreamer, component: Component) -> dict[str, str]:
    """Of a component's pods. It can't be changed once a Deployment has it."""
    return {NAME: APP, INSTANCE: streamer.name, COMPONENT: str(component)}


def selector_text(streamer: WSIStreamer) -> str:
    """Of the tile pods, as the scale subresource wants it (``status.selector``)."""
    return ",".join(f"{name}={value}" for name, value in sorted(selector(streamer, Component.TILES).items()))


def child_selector() -> str:
    """Of all children of all resources, to list and watch them by."""
    return f"{MANAGED_BY}={MANAGER}"


def owner(streamer: WSIStreamer) -> dict[str, Any]:
    """Whoever deletes the resource deletes the child."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "name": streamer.name,
        "uid": streamer.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def child(
    streamer: WSIStreamer,
    kind: Kind,
    name: str,
    *,
    component: Component | None = None,
    annotations: Mapping[str, str] | None = None,
    more_labels: Mapping[str, str] | None = None,
    **rest: Any,
) -> Manifest:
    """A manifest with all that children have in common; ``rest`` stands beside its metadata."""
    # Labels of the user's come first: ours are what the operator knows its children by.
    metadata: Manifest = {
        "name": name,
        "namespace": streamer.namespace,
        "labels": {**(more_labels or {}), **labels(streamer, component)},
        "ownerReferences": [owner(streamer)],
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **rest}
