from __future__ import annotations

import pytest

from wsi_operator.reconcile.references import complaint
from wsi_operator.spec.reference import Reference

REFERENCE = Reference("Secret", "s3", ("id", "key"), "storage.credentialsSecretRef")


def test_all_is_there() -> None:
    assert complaint(REFERENCE, {"data": {"id": "YQ==", "key": "Yg=="}}) is None


def test_a_key_without_a_value_is_as_bad_as_none() -> None:
    said = complaint(REFERENCE, {"data": {"id": "YQ==", "key": ""}})
    assert said == (
        "The Secret 's3' (storage.credentialsSecretRef) has no value for the key 'key': add it, or name another key."
    )


@pytest.mark.parametrize("body", [{}, {"data": None}])
def test_an_empty_one(body: dict[str, None]) -> None:
    assert "'id' and 'key'" in str(complaint(REFERENCE, body))


def test_one_that_is_not_there() -> None:
    assert "is not there: create it with the key 'id' and 'key'" in str(complaint(REFERENCE, None))


def test_a_bundle_may_be_binary() -> None:
    assert complaint(Reference("ConfigMap", "ca", ("ca.crt",), "f"), {"binaryData": {"ca.crt": "YQ=="}}) is None
