from __future__ import annotations

import base64

import pytest

from wsi_operator.reconcile.references import SIGNING_KEYS, complaint
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


@pytest.mark.parametrize(
    ("keys", "fine"), [("k" * 32, True), ("n" * 16 + ", " + "o" * 16, True), ("n" * 32 + ",short", False)]
)
def test_signing_keys_that_can_be_guessed_are_refused_without_being_told(keys: str, fine: bool) -> None:
    reference = Reference("Secret", "keys", ("keys",), SIGNING_KEYS)
    said = complaint(reference, {"data": {"keys": base64.b64encode(keys.encode()).decode()}})
    assert (said is None) == fine
    assert said is None or ("openssl rand -hex 32" in said and "short" not in said)
