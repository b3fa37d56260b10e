"""Reading a resource."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.support.crd import defaulted
from tests.unit.operator.samples import INGRESS, MINIMAL, OIDC, ROUTE, SAMPLES, body_of, streamer_of
from tests.unit.operator.strategies import specs
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.reference import Reference
from wsi_operator.spec.streamer import WSIStreamer


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs())
def test_what_the_api_server_accepts_can_be_read(spec: dict[str, Any]) -> None:
    body = body_of(spec)
    before = copy.deepcopy(body)
    streamer = WSIStreamer.of(body)
    assert body == before
    assert streamer == WSIStreamer.of(body)
    assert (streamer.name, streamer.namespace, streamer.generation) == ("slides", "pathology", 3)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_can_be_read_and_compared(name: str) -> None:
    assert streamer_of(SAMPLES[name]) == streamer_of(copy.deepcopy(SAMPLES[name]))


def test_references_are_named_by_field() -> None:
    assert streamer_of(INGRESS).references() == (
        Reference("Secret", "registry", (), "image.pullSecrets", awaited=False),
        Reference(
            "Secret",
            "slides-s3",
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
            "storage.credentialsSecretRef",
        ),
        Reference("ConfigMap", "hospital-ca", ("bundle.pem",), "storage.caBundleRef"),
        Reference("Secret", "slides-db-app", ("uri",), "database.urlSecretRef"),
        Reference("Secret", "slides-db-owner", ("url",), "database.ownerUrlSecretRef"),
        Reference("Secret", "slides-db-ca", ("ca.crt",), "database.caBundleRef"),
        Reference("Secret", "slides-keys", ("keys",), "access.signingKeysSecretRef"),
        Reference("Secret", "slides-tls", ("tls.crt", "tls.key"), "exposure.tlsSecretName", awaited=False),
        Reference("Secret", "proxy", ("password",), "extraEnv"),
    )
    assert (
        Reference("Secret", "slides-oidc", ("clientSecret",), "access.oidc.clientSecretRef")
        in streamer_of(OIDC).references()
    )


def test_the_routers_certificate_is_no_reference() -> None:
    spec = {**ROUTE, "exposure": {"type": "Route", "host": "slides.example.org"}}
    assert [found.field for found in streamer_of(spec).references()] == ["database.urlSecretRef"]


def _changed(spec: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = defaulted(spec)
    at = changed
    *folders, name = path.split(".")
    for folder in folders:
        at = at.setdefault(folder, {})
    if value is None:
        at.pop(name, None)
    else:
        at[name] = value
    return changed


RULE = {"claim": "groups", "value": "a", "roles": ["viewer"]}


@pytest.mark.parametrize(
    ("spec", "path", "value", "sentence"),
    [
        (MINIMAL, "image", {"repository": "r", "pullPolicy": "Always"}, "needs a tag or a digest"),
        (MINIMAL, "image", {"tag": "1", "pullPolicy": "Always"}, r"image\.repository is missing"),
        (MINIMAL, "storage.bucket", None, r"spec\.storage\.bucket is missing"),
        (MINIMAL, "storage.endpoint", "http://s3.example.org", "use https, or set"),
        (MINIMAL, "storage.endpoint", "https://s3.example.org/path", "without a path"),
        (MINIMAL, "storage.endpoint", "https://user@s3.example.org", "credentials"),
        (MINIMAL, "storage.endpoint", "https://s3:port", "not a URL"),
        (MINIMAL, "storage.timeoutSeconds", "30", r"timeoutSeconds must be a whole number"),
        (MINIMAL, "storage.timeoutSeconds", True, r"timeoutSeconds must be a whole number"),
        (MINIMAL, "storage.caBundleRef", {"kind": "Pod", "name": "x", "key": "k"}, "ConfigMap or Secret"),
        (MINIMAL, "database.urlSecretRef.name", "", r"urlSecretRef\.name is empty"),
        (MINIMAL, "database", "postgresql://", "database must be an object"),
        (MINIMAL, "indexer.schedule", "0 3 * *", "must have five fields"),
        (MINIMAL, "indexer.schedule", "0 24 * * *", "the hour '24' can't be read"),
        (MINIMAL, "indexer.schedule", "0 5-3 * * *", "the hour '5-3' can't be read"),
        (MINIMAL, "indexer.schedule", "0 0 30 2 *", "it would never come"),
        (MINIMAL, "indexer.schedule", "*/0 0 * * *", "the minute"),
        (MINIMAL, "indexer.replicas", {"min": 3, "max": 2}, "raise max, or lower min"),
        (MINIMAL, "indexer.resources", {"requests": {"memory": "8Gi"}, "limits": {"memory": "4Gi"}}, "raise the limit"),
        (MINIMAL, "tiles.cacheSize", "3Gi", "does not fit"),
        (MINIMAL, "tiles.cacheSize", "0", "more than nothing"),
        (MINIMAL, "tiles.cacheSize", "lots", "not a quantity"),
        (MINIMAL, "tiles.resources.requests", {"cpu": "-1"}, "not a quantity"),
        (MINIMAL, "tiles.pdb.maxUnavailable", "many", "percent such as 25%"),
        (MINIMAL, "tiles.autoscaling", {"enabled": True, "min": 3, "max": 2, "targetCPUUtilization": 70}, "raise max"),
        (
            SAMPLES["autoscaled"],
            "tiles.resources",
            {"limits": {"memory": "2Gi"}},
            "set spec.tiles.resources.requests.cpu",
        ),
        (MINIMAL, "access.mode", "closed", "must be open, signed or oidc"),
        (MINIMAL, "access.mode", "signed", "needs spec.access.signingKeysSecretRef"),
        (MINIMAL, "access.oidc", {"issuer": "https://x"}, "set both, or neither"),
        (MINIMAL, "access.trustedProxies", ["10.0.0.0/8", "proxy"], "'proxy' is no address"),
        *(
            (MINIMAL, "access.frameAncestors", [origin], "is no origin: write https://portal.example.org")
            for origin in (
                "*",
                "https://*",
                "https://*.org",
                "https://a.org/x",
                "a.org",
                "https://a.org; script-src *",
                "https://a,b",
                "https://a.org:65536",
                "https://A.org",
                "https://[::1]",
            )
        ),
        (MINIMAL, "podAnnotations", {"a": 1}, "put numbers and true or false in quotes"),
        (MINIMAL, "tolerations", None, ""),
        (MINIMAL, "extraEnv", [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}], "more than once"),
        (MINIMAL, "extraEnv", [{"name": "A", "valueFrom": {"fieldRef": {}}}], "secretKeyRef or a configMapKeyRef"),
        (OIDC, "access.oidc.clientId", None, "of no use without|needs a clientId"),
        (OIDC, "access.oidc.scopes", ["profile"], "must hold openid"),
        (OIDC, "access.oidc.audience", ["a,b"], "must not hold commas"),
        (OIDC, "exposure", {"type": "None"}, "users must come back"),
        (OIDC, "access.oidc.rules", [RULE | {"roles": []}], "gives nothing"),
        (OIDC, "access.oidc.rules", [RULE | {"roles": ["admin"], "prefixes": ["a"]}], "add the role viewer"),
        (OIDC, "access.oidc.rules", [RULE | {"permissions": ["label"]}], "permissions without slides"),
        (
            OIDC,
            "access.oidc.rules",
            [RULE | {"prefixes": ["a"], "permissions": ["label"]}, RULE | {"prefixes": ["b"]}],
            r"rules\[0\] and spec\.access\.oidc\.rules\[1\] give different permissions",
        ),
        (ROUTE, "exposure.host", None, "needs spec.exposure.host"),
        (ROUTE, "exposure.type", "Door", "must be None, Ingress, Gateway or Route"),
        (INGRESS, "exposure.tlsSecretName", None, "needs spec.exposure.tlsSecretName"),
        (OIDC, "exposure.gatewayRef", None, "needs spec.exposure.gatewayRef"),
    ],
)
def test_what_cant_be_right_is_said_in_one_sentence(spec: dict[str, Any], path: str, value: Any, sentence: str) -> None:
    body = body_of(spec)
    body["spec"] = _changed(spec, path, value)
    if not sentence:
        WSIStreamer.of(body)
        return
    with pytest.raises(InvalidSpec, match=sentence) as caught:
        WSIStreamer.of(body)
    message = str(caught.value)
    assert message.startswith(("spec.", "To sign in"))
    assert message.endswith(".")
    assert len(message) < 300


@pytest.mark.parametrize("name", ["n" * 41, "1st", "a.b", "Slides", "a-"])
def test_names_must_leave_room_for_those_of_the_children(name: str) -> None:
    with pytest.raises(InvalidSpec, match="40 characters"):
        WSIStreamer.of(body_of(MINIMAL, name))


def test_a_spec_that_the_api_server_has_not_completed_is_told_to_get_its_crd() -> None:
    body = body_of(MINIMAL)
    body["spec"] = MINIMAL
    with pytest.raises(InvalidSpec, match="install the CRD of this operator's release"):
        WSIStreamer.of(body)
