"""fieldsV1 as the API server writes it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from wsi_operator.reconcile.drift import Applied
from wsi_operator.reconcile.ownership import MANAGER, applied_fields, owned_by, owns_path

MANIFEST: dict[str, Any] = {"metadata": {"name": "x"}, "spec": {"replicas": 2, "paused": False}}
LIVE: dict[str, Any] = {
    "metadata": {
        "uid": "u",
        "resourceVersion": "1",
        "ownerReferences": [{"uid": "owner", "controller": True}],
        "managedFields": [
            {"manager": MANAGER, "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}, "f:paused": {}}}},
            {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "fieldsV1": {}},
        ],
    }
}


@pytest.fixture
def live() -> dict[str, Any]:
    return copy.deepcopy(LIVE)


APPLIED = Applied.of(MANIFEST, LIVE)


def test_the_same_has_not_drifted_whatever_others_add(live: dict[str, Any]) -> None:
    live["metadata"]["resourceVersion"] = "9"
    live["metadata"]["managedFields"].append({"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:a": {}}})
    live["metadata"]["managedFields"][0]["time"] = "2026-01-01T00:00:00Z"
    assert not APPLIED.drifted(MANIFEST, live)


def test_a_field_that_somebody_changed_or_removed(live: dict[str, Any]) -> None:
    del live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:paused"]
    assert APPLIED.drifted(MANIFEST, live)


def test_an_entry_that_is_gone(live: dict[str, Any]) -> None:
    live["metadata"]["managedFields"] = []
    assert APPLIED.drifted(MANIFEST, live)


def test_another_object_of_the_same_name(live: dict[str, Any]) -> None:
    live["metadata"]["uid"] = "v"
    assert APPLIED.drifted(MANIFEST, live)


def test_other_content_is_wanted(live: dict[str, Any]) -> None:
    assert APPLIED.drifted({**MANIFEST, "spec": {"replicas": 3}}, live)


def test_putting_right_is_told_from_rolling_out(live: dict[str, Any]) -> None:
    live["metadata"]["managedFields"] = []
    assert APPLIED.is_repair(MANIFEST, live)
    assert not APPLIED.is_repair({**MANIFEST, "spec": {"replicas": 3}}, live)
    live["metadata"]["uid"] = "v"
    assert not APPLIED.is_repair(MANIFEST, live)


def test_the_order_of_keys_does_not_count(live: dict[str, Any]) -> None:
    assert not APPLIED.drifted(dict(reversed(MANIFEST.items())), live)


def test_only_what_was_applied_counts_as_ours(live: dict[str, Any]) -> None:
    live["metadata"]["managedFields"][0]["operation"] = "Update"
    assert applied_fields(live) is None
    assert owns_path(applied_fields(LIVE), "spec", "replicas")
    assert not owns_path(applied_fields(LIVE), "spec", "template")
    assert not owns_path(None, "spec")


def test_whose_it_is(live: dict[str, Any]) -> None:
    assert owned_by(live, "owner")
    assert not owned_by(live, "other")
    live["metadata"]["ownerReferences"][0]["controller"] = False
    assert not owned_by(live, "owner")
