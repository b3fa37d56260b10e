from __future__ import annotations

from typing import Any

from wsi_operator.reconcile.ownership import MANAGER
from wsi_operator.reconcile.replicas import to_hand_over

WITHOUT: dict[str, Any] = {"kind": "Deployment", "spec": {}}
OURS = {"managedFields": [{"manager": MANAGER, "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]}


def test_what_we_own_is_handed_over_as_it_is() -> None:
    assert to_hand_over({"metadata": OURS, "spec": {"replicas": 7}}, WITHOUT, 2) == 7


def test_what_the_autoscaler_owns_is_left_alone() -> None:
    assert to_hand_over({"metadata": {}, "spec": {"replicas": 7}}, WITHOUT, 2) is None


def test_an_autoscaler_never_starts_from_nothing_nor_below_its_minimum() -> None:
    assert to_hand_over({"metadata": {}, "spec": {"replicas": 0}}, WITHOUT, 2) == 2
    assert to_hand_over({"metadata": {}, "spec": {"replicas": 1}}, WITHOUT, 3) == 3


def test_a_number_that_is_wanted_needs_no_hand() -> None:
    assert (
        to_hand_over({"metadata": OURS, "spec": {"replicas": 7}}, {"kind": "Deployment", "spec": {"replicas": 1}}, 2)
        is None
    )
    assert to_hand_over({"metadata": OURS, "spec": {}}, {"kind": "Service", "spec": {}}, 2) is None
