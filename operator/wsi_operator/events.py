"""Events: what ``kubectl describe`` and ``kubectl events`` show of a resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from logging import getLogger
from typing import Any

from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import ApiError
from wsi_operator.status.condition import Transition

_log = getLogger(__name__)

_MAX_NOTE = 1024
COMPONENT = "wsi-streamer-operator"


class Events:
    """Posts one for each transition; one that can't be posted is only logged."""

    def __init__(self, client: KubeClient, instance: str) -> None:
        self._client = client
        self._instance = instance

    async def post(self, body: Mapping[str, Any], transitions: Iterable[Transition]) -> None:
        """Tell of these at the object with this body."""
        namespace = str(body["metadata"]["namespace"])
        for transition in transitions:
            event = event_of(body, transition, datetime.now(UTC), self._instance)
            try:
                await self._client.create(Address("events.k8s.io/v1", "events", namespace), event, manager=COMPONENT)
            except ApiError as error:
                _log.warning("an event could not be posted", extra={"namespace": namespace, "error": error.message})


def event_of(body: Mapping[str, Any], transition: Transition, now: datetime, instance: str) -> dict[str, Any]:
    """In ``events.k8s.io/v1``. The name is the object's and the time, as the cluster's own components make them."""
    metadata, condition = body["metadata"], transition.condition
    unique = f"{int(now.timestamp() * 1e6):x}{condition.type.lower()}"
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name']}.{unique}", "namespace": metadata["namespace"]},
        "eventTime": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "reportingController": COMPONENT,
        "reportingInstance": instance[:128],
        "type": "Warning" if transition.warning else "Normal",
        "reason": condition.reason,
        "action": "Reconcile",
        "note": f"{condition.type} is {condition.status}: {condition.message}"[:_MAX_NOTE],
        "regarding": {
            "apiVersion": body["apiVersion"],
            "kind": body["kind"],
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        },
    }
