"""Random specs that the API server would accept, made from the CRD's own schema.

What is said there by type, bounds, enum or a pattern is drawn from it; what rules say across fields is mended afterwards.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.support.crd import Schema, spec_schema

Draw = st.SearchStrategy[Any]

_MATCHES = re.compile(r"self\.matches\(r?'\^(.*)\$'\)", re.DOTALL)
_NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,6}[a-z0-9])?", fullmatch=True)
_NETWORKS = st.sampled_from(["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"])
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=8)
_BYTES = st.sampled_from(["64Mi", "1Gi", "96M", "1.5Gi", "3e8", "67108864"])
_AMOUNTS = {
    "requests": st.fixed_dictionaries(
        {"cpu": st.sampled_from([1, "250m", "0.5", "1500m"])},
        optional={"memory": st.sampled_from(["1Gi", "1536Mi", "2e9"]), "ephemeral-storage": st.just("1Gi")},
    ),
    "limits": st.fixed_dictionaries(
        {"memory": st.sampled_from(["4Gi", "8589934592", "16G"])},
        optional={"cpu": st.sampled_from([2, "2500m", "8"])},
    ),
}
_PEERS = st.sampled_from(
    [
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.9.0.0/16"]}},
        {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "proxy"}}},
    ]
)
_PORTS = st.sampled_from([{"port": 5432, "protocol": "TCP"}, {"port": "https"}])
_BY_PATH: dict[tuple[str, ...], Draw] = {
    ("image", "repository"): st.sampled_from(["registry.example.org/wsi-streamer", "localhost:5000/a/b"]),
    ("image", "digest"): st.just("sha256:" + "ab" * 32),
    ("storage", "endpoint"): st.sampled_from(["https://s3.example.org", "https://10.1.2.3:9443", "http://minio:9000"]),
    ("storage", "prefix"): st.sampled_from(["", "a/", "$(WSI_ADMIN_TOKEN)/", "a$$b/", "Fälle/"]),
    ("indexer", "schedule"): st.sampled_from(["0 2 * * *", "*/15 1-5 * * 1,3", "7 3 31 1 0"]),
    ("tiles", "pdb", "maxUnavailable"): st.sampled_from([1, 3, "25%", "100%"]),
    ("access", "oidc", "issuer"): st.just("https://login.example.org/realms/hospital"),
    ("access", "oidc", "audience"): st.lists(st.sampled_from(["api://slides", "wsi"]), max_size=2, unique=True),
    ("access", "oidc", "scopes"): st.just(["openid", "groups"]),
    ("access", "trustedProxies"): st.lists(_NETWORKS, max_size=2, unique=True),
    ("access", "frameAncestors"): st.lists(
        st.sampled_from(["https://portal.example.org", "https://*.example.org:8443", "http://localhost:8080"]),
        unique=True,
    ),
    ("exposure", "host"): st.just("slides.example.org"),
    ("exposure", "className"): st.sampled_from(["nginx", "haproxy-internal", "traefik", "public"]),
    ("affinity",): st.just({"podAntiAffinity": {}}),
    ("networkPolicy", "ingressFrom"): st.lists(_PEERS, max_size=2),
    ("networkPolicy", "egress"): st.lists(
        st.fixed_dictionaries({}, optional={"to": st.lists(_PEERS, min_size=1, max_size=2), "ports": st.lists(_PORTS)}),
        max_size=2,
    ),
    ("extraEnv",): st.lists(
        st.sampled_from(
            [
                {"name": "HTTPS_PROXY", "value": "http://proxy:3128"},
                {"name": "PGSSLMODE", "value": "require"},
                {"name": "EMPTY", "value": ""},
                {"name": "WSI_JPEG_QUALITY", "valueFrom": {"configMapKeyRef": {"name": "more", "key": "quality"}}},
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "proxy", "key": "password"}}},
            ]
        ),
        max_size=3,
        unique_by=lambda item: str(item["name"]),
    ),
}
_RULES = st.lists(
    st.sampled_from(
        [
            {"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""], "permissions": ["label"]},
            {"claim": "groups", "value": "students", "roles": ["viewer"], "prefixes": ["teaching/"]},
            {"claim": "roles", "value": "*", "roles": ["admin", "auditor"]},
        ]
    ),
    max_size=3,
)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A spec without the schema's defaults."""
    found: dict[str, Any] = draw(_unmended())
    for name in ("storage", "database", "access"):
        found.setdefault(name, {})
    found["storage"].setdefault("bucket", "slides")
    if found["storage"].get("endpoint", "").startswith("http:"):
        found["storage"]["allowInsecure"] = True
    found["database"].setdefault("urlSecretRef", {"name": "db"})
    _mend_ranges(found)
    _mend_image(found)
    _mend_access(draw, found)
    _mend_exposure(draw, found)
    return found


@cache
def _unmended() -> Draw:
    return _value(spec_schema(), ())


def _mend_ranges(found: dict[str, Any]) -> None:
    indexer, tiles = found.get("indexer", {}), found.get("tiles", {})
    if "schedule" in indexer:
        indexer.pop("intervalSeconds", None)
    for holder, name in ((indexer, "replicas"), (tiles, "autoscaling")):
        bounds = holder.get(name, {})
        bounds["max"] = max(bounds.get("max", 12), bounds.get("min", 2))
        if name in holder:
            holder[name] = bounds
    resources = tiles.get("resources", {})
    if tiles.get("autoscaling", {}).get("enabled") and "cpu" not in resources.get("limits", {}):
        resources.setdefault("requests", {"cpu": 1})


def _mend_image(found: dict[str, Any]) -> None:
    if "image" in found:
        if {"tag", "digest"} & found["image"].keys():
            found["image"].setdefault("repository", "registry.example.org/wsi-streamer")
        elif "repository" in found["image"]:
            found["image"]["tag"] = "0.1.0"


def _mend_access(draw: st.DrawFn, found: dict[str, Any]) -> None:
    access = found["access"]
    mode = access.setdefault("mode", "signed")
    if mode != "open":
        access.setdefault("signingKeysSecretRef", {"name": "keys"})
    if mode != "oidc":
        access.pop("oidc", None)
        return
    oidc = access.setdefault("oidc", {})
    oidc.setdefault("issuer", "https://login.example.org")
    oidc["rules"] = draw(_RULES)
    if "clientId" not in oidc:
        oidc.pop("clientSecretRef", None)
        oidc["audience"] = ["wsi"]
    else:
        found.setdefault("exposure", {})["host"] = "slides.example.org"


def _mend_exposure(draw: st.DrawFn, found: dict[str, Any]) -> None:
    exposure = found.get("exposure")
    if exposure is None:
        return
    way = exposure.get("type", "None")
    if way != "None":
        exposure["host"] = "slides.example.org"
    if way == "Ingress":
        exposure.setdefault("tlsSecretName", "tls")
    elif way != "None":
        exposure.pop("className", None)
    if way == "Gateway":
        exposure.setdefault("gatewayRef", {"name": "public", "sectionName": "https"})
        exposure.pop("tlsSecretName", None)
    elif way != "None":
        exposure.pop("gatewayRef", None)


def _value(schema: Schema, path: tuple[str, ...]) -> Draw:
    if path in _BY_PATH:
        return _BY_PATH[path]
    if path[-1:] in (("requests",), ("limits",)):
        return _AMOUNTS[path[-1]]
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("x-kubernetes-int-or-string"):
        return st.sampled_from([3000, "http"])
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, path)
    if kind == "array":
        items = _value(schema["items"], path)
        unique = str if schema.get("x-kubernetes-list-type") == "set" else None
        return st.lists(items, max_size=min(2, schema["maxItems"]), unique_by=unique)
    if kind == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if kind == "boolean":
        return st.booleans()
    assert kind == "string", path
    return _string(schema)


def _object(schema: Schema, path: tuple[str, ...]) -> Draw:
    if "properties" not in schema:
        return st.dictionaries(_NAMES, _TEXTS, max_size=2)
    fields = {name: _value(field, (*path, name)) for name, field in schema["properties"].items()}
    needed = {*schema.get("required", []), *_needed(schema)}
    return st.fixed_dictionaries(
        {name: value for name, value in fields.items() if name in needed},
        optional={name: value for name, value in fields.items() if name not in needed},
    )


def _needed(schema: Schema) -> list[str]:
    rules = [rule["rule"] for rule in schema.get("x-kubernetes-validations", [])]
    return [found[1] for rule in rules if (found := re.fullmatch(r"has\(self\.(\w+)\)", rule))]


def _string(schema: Schema) -> Draw:
    rules = " ".join(rule["rule"] for rule in schema.get("x-kubernetes-validations", []))
    if "isQuantity" in rules:
        return _BYTES
    if "isCIDR" in rules or "isIP" in rules:
        return _NETWORKS
    match = _MATCHES.search(rules)
    if match is None:
        return _TEXTS
    pattern = match[1].replace("\\\\", "\\")
    short = st.from_regex(pattern, fullmatch=True).filter(lambda text: 0 < len(text) <= 40)
    return _NAMES if re.fullmatch(pattern, "some-name") else short
