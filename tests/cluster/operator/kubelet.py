"""Says how pods are doing that no node takes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import ApiError

NOWHERE = {"wsi-streamer.test/node": "none"}
"""A node selector that no node fits."""

_RUNNING = ("Initialized", "PodScheduled", "ContainersReady", "Ready")


@dataclass(slots=True)
class Kubelet:
    """Migrations succeed and services are ready, unless told otherwise."""

    client: KubeClient
    namespace: str
    broken: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Component -> the container's state in place of running well."""

    idle: set[str] = field(default_factory=set)
    """Components whose pods stay as they are."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(ApiError):
                for pod in await self.client.list(Address("v1", "pods", self.namespace)):
                    await self._see_to(pod)
            await asyncio.sleep(0.2)

    async def _see_to(self, pod: dict[str, Any]) -> None:
        component = pod["metadata"]["labels"].get("app.kubernetes.io/component", "")
        phase = pod["status"].get("phase")
        if pod["metadata"].get("deletionTimestamp") or component in self.idle or phase in ("Succeeded", "Failed"):
            return
        status = self._status(component)
        if phase == status["phase"] and status["containerStatuses"][0]["state"].keys() == _state(pod):
            return
        address = Address("v1", "pods", self.namespace, pod["metadata"]["name"], "status")
        with contextlib.suppress(ApiError):
            await self.client.merge_patch(address, {"status": status}, manager="test-kubelet")

    def _status(self, component: str) -> dict[str, Any]:
        state = self.broken.get(component)
        ready = state is None and component != "migrate"
        phase = "Succeeded" if component == "migrate" else "Running"
        if state is not None:
            phase = "Failed" if "terminated" in state else "Pending"
        elif component == "migrate":
            state = {"terminated": {"exitCode": 0, "reason": "Completed"}}
        else:
            state = {"running": {}}
        return {
            "phase": phase,
            "conditions": [{"type": kind, "status": "True" if ready else "False"} for kind in _RUNNING],
            "containerStatuses": [
                {
                    "name": component or "c",
                    "ready": ready,
                    "restartCount": 0,
                    "image": "i",
                    "imageID": "",
                    "state": state,
                }
            ],
        }


def _state(pod: dict[str, Any]) -> set[str]:
    statuses = pod["status"].get("containerStatuses") or [{}]
    return set(statuses[0].get("state") or {})


@contextlib.asynccontextmanager
async def kubelet(client: KubeClient, namespace: str) -> AsyncIterator[Kubelet]:
    """One for the pods of a namespace."""
    found = Kubelet(client, namespace)
    task = asyncio.create_task(found.run())
    try:
        yield found
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
