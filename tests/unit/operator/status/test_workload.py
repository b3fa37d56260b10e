from __future__ import annotations

from typing import Any

import pytest

from wsi_operator.status.workload import Workload


def deployment(
    *,
    observed: int = 2,
    updated: int = 2,
    total: int = 2,
    reason: str = "NewReplicaSetAvailable",
    available: str = "True",
) -> dict[str, Any]:
    return {
        "metadata": {"generation": 2},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"b": "2", "a": "1"}}},
        "status": {
            "observedGeneration": observed,
            "replicas": total,
            "updatedReplicas": updated,
            "readyReplicas": 2,
            "availableReplicas": 2,
            "conditions": [
                {"type": "Progressing", "status": "True", "reason": reason},
                {"type": "Available", "status": available},
            ],
        },
    }


def test_one_that_serves() -> None:
    found = Workload.of(deployment())
    assert found.serves()
    assert (found.ready, found.selector) == (2, "a=1,b=2")


@pytest.mark.parametrize(
    "changes",
    [{"observed": 1}, {"updated": 1}, {"total": 3}, {"reason": "ReplicaSetUpdated"}, {"available": "False"}],
)
def test_one_that_does_not_yet(changes: dict[str, Any]) -> None:
    assert not Workload.of(deployment(**changes)).serves()


def test_one_that_was_just_made() -> None:
    found = Workload.of({"metadata": {"generation": 1}, "spec": {}})
    assert (found.wanted, found.replicas, found.serves()) == (1, 0, False)


def test_pods_that_can_not_be_made() -> None:
    body = deployment()
    body["status"]["conditions"].append({"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"})
    assert Workload.of(body).refusal == "exceeded quota"
