"""When pods roll, and when a database is migrated again."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.unit.operator.samples import INGRESS, MINIMAL, OIDC, situation, streamer_of
from wsi_operator.resources.children import desired, migration_job
from wsi_operator.resources.pod import SECRETS_ANNOTATION, read_by


def _template(spec: dict[str, Any], name: str, versions: dict[tuple[str, str], str]) -> dict[str, Any]:
    streamer = streamer_of(spec)
    made = desired(streamer, situation(versions=versions))
    (found,) = [item for item in made if item["kind"] == "Deployment" and item["metadata"]["name"] == f"slides-{name}"]
    template: dict[str, Any] = found["spec"]["template"]
    return template


def _rolled(name: str, changed: tuple[str, str]) -> bool:
    versions = {(found.kind, found.name): "1" for found in streamer_of(INGRESS).references()}
    return _template(INGRESS, name, versions) != _template(INGRESS, name, versions | {changed: "2"})


@pytest.mark.parametrize(
    ("changed", "rolled"),
    [
        (("Secret", "slides-s3"), {"tiles", "indexer"}),
        (("Secret", "slides-db-app"), {"tiles", "indexer"}),
        (("Secret", "slides-db-ca"), {"tiles", "indexer"}),
        (("ConfigMap", "hospital-ca"), {"tiles", "indexer"}),
        (("Secret", "slides-keys"), {"tiles", "indexer"}),
        (("Secret", "slides-admin"), {"indexer"}),
        (("Secret", "proxy"), {"tiles", "indexer"}),
        # Not the pods', or not read by them.
        (("Secret", "slides-db-owner"), set()),
        (("Secret", "slides-tls"), set()),
        (("Secret", "registry"), set()),
        (("ConfigMap", "slides-s3"), set()),
    ],
)
def test_a_changed_secret_rolls_the_pods_that_read_it(changed: tuple[str, str], rolled: set[str]) -> None:
    assert {name for name in ("tiles", "indexer") if _rolled(name, changed)} == rolled


def test_the_annotation_is_of_versions_alone() -> None:
    template = _template(MINIMAL, "tiles", {("Secret", "slides-db-app"): "7"})
    assert template["metadata"]["annotations"][SECRETS_ANNOTATION]
    assert read_by(template["spec"]) == (("Secret", "slides-db-app"),)


def test_changed_rules_for_identities_roll_the_pods() -> None:
    changed = copy.deepcopy(OIDC)
    changed["access"]["oidc"]["rules"][0]["value"] = "surgery"
    for name in ("tiles", "indexer"):
        assert _template(OIDC, name, {}) != _template(changed, name, {})
        assert _template(OIDC, name, {}) == _template(OIDC, name, {("ConfigMap", "slides-access"): "9"})


@pytest.mark.parametrize(
    "change",
    [
        {"image": {"repository": "registry.example.org/wsi-streamer", "tag": "0.2.0"}},
        {"database": {"urlSecretRef": {"name": "another"}}},
        {"nodeSelector": {"disk": "fast"}},
    ],
)
def test_whatever_is_in_its_pod_makes_another_migration(change: dict[str, Any]) -> None:
    before = migration_job(streamer_of(MINIMAL), situation())
    after = migration_job(streamer_of({**MINIMAL, **change}), situation())
    assert before["metadata"]["name"] != after["metadata"]["name"]


def test_a_changed_url_makes_another_migration_and_replicas_make_none() -> None:
    streamer = streamer_of(MINIMAL)
    first = migration_job(streamer, situation(versions={("Secret", "slides-db-app"): "1"}))
    second = migration_job(streamer, situation(versions={("Secret", "slides-db-app"): "2"}))
    more = streamer_of({**MINIMAL, "tiles": {"replicas": 9}, "suspend": True})
    assert first["metadata"]["name"] != second["metadata"]["name"]
    assert first == migration_job(more, situation(versions={("Secret", "slides-db-app"): "1"}, indexer_replicas=7))


def test_the_owners_url_rolls_jobs_and_nothing_else() -> None:
    streamer = streamer_of(INGRESS)
    one, two = (situation(versions={("Secret", "slides-db-owner"): version}) for version in ("1", "2"))
    assert migration_job(streamer, one) != migration_job(streamer, two)
    differing = [a["kind"] for a, b in zip(desired(streamer, one), desired(streamer, two), strict=True) if a != b]
    assert differing == ["CronJob"]
