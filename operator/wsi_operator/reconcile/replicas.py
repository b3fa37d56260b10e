"""A Deployment's replicas on their way from us to an autoscaler.

Applying a manifest without ``replicas`` after one that had them would remove the field, which then is 1: a service of ten
pods would be one of one for a moment. So another field manager takes the value over first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient, Object
from wsi_operator.reconcile.ownership import REPLICAS_MANAGER, applied_fields, owns_path


def to_hand_over(live: Mapping[str, Any], manifest: Mapping[str, Any], least: int) -> int | None:
    """The number that must be held while our own manifest lets go of it; None when there is nothing to do.

    ``least`` is the autoscaler's minimum. It leaves a Deployment of no pods alone, so one that was suspended (or scaled to
    nothing by hand) begins with that many; and it looks at a new one, which begins with one pod, only after a while.
    """
    if manifest.get("kind") != "Deployment" or "replicas" in (manifest.get("spec") or {}):
        return None
    replicas = (live.get("spec") or {}).get("replicas")
    if not replicas or replicas < least:
        return least
    return int(replicas) if owns_path(applied_fields(live), "spec", "replicas") else None


async def hold(client: KubeClient, address: Address, live: Mapping[str, Any], replicas: int) -> Object:
    """Have the other manager own this number."""
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": live["metadata"]["name"], "uid": live["metadata"]["uid"]},
        "spec": {"replicas": replicas},
    }
    return await client.apply(address, manifest, manager=REPLICAS_MANAGER, force=True)
