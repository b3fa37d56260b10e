"""What can't be right is refused by the API server, each with a sentence that says what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.api_server import ApiServer
from tests.support.streamers import FULL, MINIMAL, OIDC, changed, streamer

INGRESS = {"type": "Ingress", "host": "slides.example.org", "tlsSecretName": "tls"}
GATEWAY = {"type": "Gateway", "host": "slides.example.org", "gatewayRef": {"name": "public", "sectionName": "https"}}
ROUTE = {"type": "Route", "host": "slides.example.org"}
KEYS = {"name": "wsi-keys"}


def oidc(**changes: Any) -> dict[str, Any]:
    return {
        "access": {"mode": "oidc", "signingKeysSecretRef": KEYS, "oidc": changed(OIDC, changes)},
        "exposure": INGRESS,
    }


def oidc_rule(**rule: Any) -> dict[str, Any]:
    return oidc(rules=[{"claim": "groups", "value": "pathology", "roles": ["viewer"], **rule}])


# Changes of the minimal spec, and what the answer has to say.
REFUSED: dict[str, tuple[Mapping[str, Any], str]] = {
    "no storage": ({"storage": None}, "Say in storage where the slides are"),
    "no bucket": ({"storage": {"region": "eu-central-1"}}, "Say in storage.bucket where the slides are"),
    "a URL for a bucket": ({"storage.bucket": "s3://my-slides"}, "leave s3:// out"),
    "a prefix in the bucket": ({"storage.bucket": "my-slides/study-7"}, "put what comes after a '/' into storage.prefix"),
    "an empty bucket": ({"storage.bucket": ""}, "storage.bucket is the bucket's name alone"),
    "a prefix with a slash first": ({"storage.prefix": "/study-7"}, "must not begin with '/'"),
    "http": ({"storage.endpoint": "http://s3.example.org"}, "use https://, or set storage.allowInsecure: true"),
    "an endpoint without scheme": ({"storage.endpoint": "s3.example.org:9000"}, "storage.endpoint must be https://host"),
    "an endpoint with a path": ({"storage.endpoint": "https://s3.example.org/bucket"}, "without a path"),
    "credentials in the endpoint": ({"storage.endpoint": "https://a:b@s3.example.org"}, "a query or credentials"),
    "a region with spaces": ({"storage.region": "eu central"}, "storage.region consists of letters"),
    "an unknown addressing style": ({"storage.addressingStyle": "dns"}, 'supported values: "auto", "path", "virtual"'),
    "a reference to no secret": ({"storage.credentialsSecretRef": {}}, "Say in storage.credentialsSecretRef.name"),
    "a secret of another namespace": ({"storage.credentialsSecretRef": {"name": "other/s3"}}, "plain name of a Secret of this"),
    "a CA without name": ({"storage.caBundleRef": {"kind": "Secret"}}, "Say in storage.caBundleRef.name which ConfigMap or"),
    "a CA of another kind": ({"storage.caBundleRef": {"kind": "Pod", "name": "ca"}}, 'supported values: "ConfigMap", "Secret"'),
    "a timeout of 0": ({"storage.timeoutSeconds": 0}, "should be greater than or equal to 1"),
    "no database": ({"database": None}, "Say in database.urlSecretRef.name which Secret"),
    "a database without URL": ({"database": {"poolSize": 4}}, "Say in database.urlSecretRef.name which Secret"),
    "one URL for both users": (
        {"database.ownerUrlSecretRef": {"name": "wsi-db-app"}},
        "give the owner's URL a Secret or key of its own",
    ),
    "schedule and interval": (
        {"indexer": {"schedule": "0 2 * * *", "intervalSeconds": 60}},
        "Give indexer.schedule or indexer.intervalSeconds, not both",
    ),
    "a schedule of six fields": ({"indexer.schedule": "0 0 2 * * *"}, "must be cron with five fields"),
    "a schedule at 25 o'clock": ({"indexer.schedule": "0 25 * * *"}, "The second field of indexer.schedule is the hour: numbers from 0 to 23"),
    "a weekday by name": ({"indexer.schedule": "0 2 * * MON"}, "numbers from 0 (Sunday) to 7"),
    "a list with a gap": ({"indexer.schedule": "0,,5 2 * * *"}, "The first field of indexer.schedule is the minute"),
    "a schedule by name": ({"indexer.schedule": "@daily"}, "must be cron with five fields"),
    "indexers: max < min": ({"indexer.replicas": {"min": 3, "max": 2}}, "indexer.replicas.max is smaller than"),
    "indexers: min beyond max's default": ({"indexer.replicas": {"min": 3}}, "raise max or lower min"),
    "tiles: max < min": ({"tiles.autoscaling": {"min": 20}}, "tiles.autoscaling.max is smaller than"),
    "a cache without unit": ({"tiles.cacheSize": "256"}, "mind the unit: 256Mi, not 256"),
    "a cache in words": ({"tiles.cacheSize": "256 MB"}, "Give a number of bytes with its unit: 256Mi"),
    "a cache beyond the limit": ({"tiles.cacheSize": "4Gi"}, "lower cacheSize or raise the limit"),
    "resources in words": ({"tiles.resources": {"requests": {"cpu": "half"}}}, "tiles.resources.requests must be a quantity"),
    "a request beyond its limit": (
        {"indexer.resources": {"requests": {"memory": "8Gi"}, "limits": {"memory": "4Gi"}}},
        "raise the limit or lower the request",
    ),
    "autoscaling by a CPU that nobody requests": (
        {"tiles.autoscaling": {"enabled": True}, "tiles.resources": {"requests": {"memory": "1Gi"}}},
        "give tiles.resources.requests.cpu",
    ),
    "a budget that blocks drains": ({"tiles.pdb.maxUnavailable": 0}, "with 0 no node could be drained"),
    "a budget of 120 %": ({"tiles.pdb.maxUnavailable": "120%"}, "a percentage like 25%"),
    "a grace of 5 s": ({"tiles.terminationGraceSeconds": 5}, "should be greater than or equal to 30"),
    "no access": ({"access": None}, "Say in access.mode who may see slides"),
    "no mode": ({"access": {"maxTtlSeconds": 3600}}, "Say in access.mode who may see slides"),
    "an unknown mode": ({"access.mode": "public"}, 'supported values: "open", "signed", "oidc"'),
    "signed without keys": ({"access.mode": "signed"}, "name a Secret in access.signingKeysSecretRef"),
    "oidc without keys": ({**oidc(), "access.signingKeysSecretRef": None}, "name a Secret in access.signingKeysSecretRef"),
    "oidc without provider": (
        {"access": {"mode": "oidc", "signingKeysSecretRef": KEYS}},
        "describe your identity provider in access.oidc",
    ),
    "a provider in another mode": ({**oidc(), "access.mode": "signed"}, "Set the mode, or remove access.oidc"),
    "a provider by http": (oidc(issuer="http://login.example.org"), "access.oidc.issuer must be an https:// URL"),
    "no issuer": (oidc(issuer=None), "Say in access.oidc.issuer who your identity provider is"),
    "neither client nor audience": (
        oidc(clientId=None, clientSecretRef=None, audience=None),
        "needs clientId (people sign in) or audience",
    ),
    "a client's secret without client": (oidc(clientId=None), "give access.oidc.clientId too"),
    "scopes without openid": (oidc(scopes=["email"]), "must hold openid"),
    "sign-in without host": ({**oidc(), "exposure": None}, "say in exposure.host by which name they reach it"),
    "a rule without roles": (oidc_rule(roles=[]), "must give roles: a list of viewer, auditor and admin"),
    "a rule without value": (oidc_rule(value=""), "needs claim (like groups) and value"),
    "an unknown role": (oidc_rule(roles=["root"]), 'supported values: "viewer", "auditor", "admin"'),
    "prefixes of an admin": (oidc_rule(roles=["admin"], prefixes=[""]), "add the role viewer, or remove them"),
    "permissions to no slide": (oidc_rule(permissions=["label"]), "say which by prefixes"),
    "a proxy by name": ({"access.trustedProxies": ["proxy.example.org"]}, "takes addresses and networks: 10.1.2.3"),
    "a network of 33 bits": ({"access.trustedProxies": ["10.0.0.0/33"]}, "takes addresses and networks"),
    "proxies everywhere": ({"access.trustedProxies": ["0.0.0.0/0"]}, "name the networks of your proxies alone"),
    "frames everywhere": ({"access.frameAncestors": ["*"]}, "takes origins: https://portal.example.org"),
    "frames in a path": ({"access.frameAncestors": ["https://example.org/portal"]}, "takes origins"),
    "frames in a directive": ({"access.frameAncestors": ["https://example.org; script-src *"]}, "takes origins"),
    "a negative retention": ({"access.audit.retention": -1}, "should be greater than or equal to 0"),
    "an Ingress without host": ({"exposure": {**INGRESS, "host": None}}, "Say in exposure.host by which name"),
    "an Ingress without TLS": ({"exposure": {**INGRESS, "tlsSecretName": None}}, "An Ingress needs TLS"),
    "a Route without host": ({"exposure": {"type": "Route"}}, "Say in exposure.host by which name"),
    "a Gateway without reference": ({"exposure": {**GATEWAY, "gatewayRef": None}}, "Say in exposure.gatewayRef which Gateway"),
    "a Gateway without listener": ({"exposure": {**GATEWAY, "gatewayRef": {"name": "public"}}}, "one with HTTPS"),
    "a Gateway with a certificate": ({"exposure": {**GATEWAY, "tlsSecretName": "tls"}}, "remove exposure.tlsSecretName"),
    "a class for a Route": ({"exposure": {**ROUTE, "className": "haproxy"}}, "exposure.className is for type Ingress alone"),
    "a Gateway for an Ingress": ({"exposure": {**GATEWAY, **INGRESS}}, "exposure.gatewayRef is for type Gateway alone"),
    "a URL for a host": ({"exposure": {**ROUTE, "host": "https://slides.example.org"}}, "is a host name in lower case, without"),
    "a wildcard host": ({"exposure": {**ROUTE, "host": "*.example.org"}}, "path or wildcard"),
    "a snippet": (
        {"exposure": {**INGRESS, "annotations": {"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"}}},
        "exposure.annotations takes no snippet",
    ),
    "an unknown exposure": ({"exposure.type": "LoadBalancer"}, 'supported values: "None", "Ingress", "Gateway", "Route"'),
    "a peer that is nobody": ({"networkPolicy.ingressFrom": [{}]}, "needs podSelector, namespaceSelector or ipBlock"),
    "a peer that is two": (
        {"networkPolicy.ingressFrom": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]},
        "make two peers of it",
    ),
    "no network": ({"networkPolicy.ingressFrom": [{"ipBlock": {"cidr": "10.0.0.0"}}]}, "Give a network as address/bits"),
    "a port too high": ({"networkPolicy.egress": [{"ports": [{"port": 70000}]}]}, "A port is a number from 1 to 65535"),
    "a range that ends early": (
        {"networkPolicy.egress": [{"ports": [{"port": 443, "endPort": 80}]}]},
        "endPort ends a range that begins with port",
    ),
    "an image without tag": ({"image": {"repository": "registry.example.org/wsi"}}, "give image.tag or, better, image.digest"),
    "a tag in the repository": ({"image": {"repository": "example.org/wsi:1", "tag": "1"}}, "put what comes after ':' into"),
    "an image without name": ({"image": {"tag": "1"}}, "Say in image.repository where the image is"),
    "a digest without name": ({"image": {"digest": "sha256:" + "ab" * 32}}, "Say in image.repository where the image is"),
    "half a digest": ({"image": {"repository": "wsi", "digest": "sha256:12"}}, "sha256: followed by 64 hex digits"),
    "a variable that is set": ({"extraEnv": [{"name": "WSI_ACCESS", "value": "open"}]}, "Remove WSI_ACCESS from extraEnv"),
    "AWS keys in extraEnv": (
        {"extraEnv": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "x"}]},
        "Remove AWS_SECRET_ACCESS_KEY from extraEnv",
    ),
    "a variable without value": ({"extraEnv": [{"name": "A"}]}, "Give A in extraEnv either value or valueFrom"),
    "a variable of two sources": (
        {"extraEnv": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}, "configMapKeyRef": {"name": "c", "key": "k"}}}]},
        "takes one of secretKeyRef and configMapKeyRef",
    ),
    "a variable twice": ({"extraEnv": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, "Duplicate value"),
    "a toleration with a value too many": (
        {"tolerations": [{"key": "a", "operator": "Exists", "value": "b"}]},
        "remove the value, or use operator Equal",
    ),
    "a misspelt field": ({"storage.buckets": "my-slides"}, 'unknown field "spec.storage.buckets"'),
    "a reindexRequest too long": ({"reindexRequest": "x" * 257}, "may not be more than 256"),
}  # fmt: skip

ACCEPTED: dict[str, Mapping[str, Any]] = {
    "minimal": MINIMAL,
    "full": FULL,
    "pull secrets for the operator's image": changed(MINIMAL, {"image": {"pullSecrets": ["mirror"]}}),
    "a pull policy for the operator's image": changed(MINIMAL, {"image": {"pullPolicy": "Always"}}),
    "signed": changed(MINIMAL, {"access": {"mode": "signed", "signingKeysSecretRef": KEYS}}),
    "oidc": changed(MINIMAL, oidc()),
    "oidc for programs alone, inside the cluster": changed(
        MINIMAL, {**oidc(clientId=None, clientSecretRef=None), "exposure": None}
    ),
    "oidc behind an ingress of one's own": changed(MINIMAL, {**oidc(), "exposure": {"host": "slides.example.org"}}),
    "Ingress": changed(MINIMAL, {"exposure": INGRESS}),
    "Gateway": changed(MINIMAL, {"exposure": GATEWAY}),
    "Route": changed(MINIMAL, {"exposure": ROUTE}),
    "Route with a certificate": changed(MINIMAL, {"exposure": {**ROUTE, "tlsSecretName": "tls"}}),
    "http where it is wanted": changed(
        MINIMAL, {"storage.endpoint": "http://10.1.2.3:9000", "storage.allowInsecure": True}
    ),
    "an endpoint by IPv6": changed(MINIMAL, {"storage.endpoint": "https://[2001:db8::1]:9000"}),
    "scanned on request alone": changed(MINIMAL, {"indexer.intervalSeconds": 0}),
    "no tiles": changed(MINIMAL, {"tiles.replicas": 0}),
    "autoscaling by a limit": changed(
        MINIMAL, {"tiles.autoscaling": {"enabled": True}, "tiles.resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}
    ),
    "a port by name": changed(MINIMAL, {"networkPolicy.egress": [{"ports": [{"port": "https"}]}]}),
    "one Secret with both URLs": changed(
        MINIMAL, {"database": {"urlSecretRef": {"name": "db"}, "ownerUrlSecretRef": {"name": "db", "key": "owner"}}}
    ),
}

NAMES = {"Slides": False, "9slides": False, "a.b": False, "s" * 41: False, "s" * 40: True, "slides-2": True}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_wrong_is_refused_with_a_sentence(server: ApiServer, case: str) -> None:
    changes, sentence = REFUSED[case]
    said = await server.dry_run("default", streamer(changed(MINIMAL, changes)))
    assert not said.accepted, said.text
    assert sentence in said.text
    assert "evaluating rule" not in said.text


@pytest.mark.parametrize("case", ACCEPTED)
async def test_what_is_right_is_taken(server: ApiServer, case: str) -> None:
    said = await server.dry_run("default", streamer(ACCEPTED[case]))
    assert said.accepted, said.text


@pytest.mark.parametrize("name", NAMES)
async def test_names_leave_room_for_those_of_the_children(server: ApiServer, name: str) -> None:
    said = await server.dry_run("default", streamer(MINIMAL, name))
    assert said.accepted is NAMES[name], said.text
    assert said.accepted or "at most 40 lower-case letters" in said.text


async def test_without_a_spec_the_answer_says_what_belongs_in_it(server: ApiServer) -> None:
    said = await server.dry_run("default", streamer(None))
    assert not said.accepted
    assert "Add spec with storage (which bucket), database (which Postgres) and access" in said.text
