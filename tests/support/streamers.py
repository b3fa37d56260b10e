"""Specs of WSIStreamers, right ones to begin with."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

MINIMAL: Mapping[str, Any] = {
    "storage": {"bucket": "my-slides"},
    "database": {"urlSecretRef": {"name": "wsi-db-app"}},
    "access": {"mode": "open"},
}

OIDC: Mapping[str, Any] = {
    "issuer": "https://login.example.org/realms/hospital",
    "clientId": "wsi-streamer",
    "clientSecretRef": {"name": "wsi-oidc"},
    "audience": ["wsi-streamer"],
    "rules": [
        {
            "claim": "groups",
            "value": "pathology",
            "roles": ["viewer"],
            "prefixes": [""],
            "permissions": ["metadata", "label"],
        },
        {"claim": "realm_access.roles", "value": "slides-admin", "roles": ["admin"]},
    ],
}

PEER = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}

FULL: Mapping[str, Any] = {
    "suspend": True,
    "image": {
        "repository": "registry.example.org:5000/pathology/wsi-streamer",
        "tag": "0.1.0",
        "digest": "sha256:" + "0a" * 32,
        "pullPolicy": "Always",
        "pullSecrets": ["registry"],
    },
    "storage": {
        "bucket": "my.Slides_1",
        "prefix": "study-7/",
        "endpoint": "https://s3.example.org:9000",
        "region": "eu-central-1",
        "addressingStyle": "path",
        "credentialsSecretRef": {
            "name": "s3",
            "accessKeyIdKey": "id",
            "secretAccessKeyKey": "key",
            "sessionTokenKey": "token",
        },
        "serviceAccountAnnotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/slides"},
        "caBundleRef": {"kind": "Secret", "name": "hospital-ca", "key": "ca.pem"},
        "timeoutSeconds": 20,
        "maxAttempts": 3,
    },
    "database": {
        "urlSecretRef": {"name": "wsi-db-app", "key": "uri"},
        "ownerUrlSecretRef": {"name": "wsi-db-owner"},
        "caBundleRef": {"name": "wsi-db-ca"},
        "poolSize": 10,
        "pgbouncer": True,
    },
    "indexer": {
        "schedule": "*/15 6-20 * 1-6,9 1-5",
        "concurrency": 8,
        "replicas": {"min": 2, "max": 4},
        "deletionGraceScans": 3,
        "resources": {"requests": {"cpu": 1, "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}},
    },
    "tiles": {
        "replicas": 3,
        "autoscaling": {"enabled": True, "min": 3, "max": 12, "targetCPUUtilization": 60, "targetInFlight": 20},
        "cacheSize": "512Mi",
        "resources": {"requests": {"cpu": "500m"}, "limits": {"memory": "2Gi"}},
        "topologySpread": {
            "topologyKey": "topology.kubernetes.io/zone",
            "maxSkew": 2,
            "whenUnsatisfiable": "DoNotSchedule",
        },
        "pdb": {"maxUnavailable": "25%"},
        "terminationGraceSeconds": 60,
    },
    "access": {
        "mode": "oidc",
        "signingKeysSecretRef": {"name": "wsi-keys"},
        "maxTtlSeconds": 604800,
        "oidc": OIDC,
        "trustedProxies": ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"],
        "frameAncestors": ["https://portal.example.org", "https://*.example.org:8443", "http://localhost:8080"],
        "audit": {"retention": 120, "required": False, "spoolVolume": {"claimName": "audit-spool", "sizeLimit": "1Gi"}},
    },
    "associatedImages": {"exposeLabel": True, "exposeMacro": True},
    "exposure": {
        "type": "Ingress",
        "host": "slides.example.org",
        "className": "haproxy",
        "tlsSecretName": "slides-tls",
        "annotations": {"haproxy.org/timeout-server": "60s"},
    },
    "networkPolicy": {
        "ingressFrom": [PEER, {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.9.0.0/16"]}}],
        "egress": [
            {"to": [{"ipBlock": {"cidr": "10.2.0.0/16"}}], "ports": [{"port": 443}, {"port": 9000, "endPort": 9002}]}
        ],
    },
    "monitoring": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "intervalSeconds": 15},
        "prometheusRule": {"enabled": True},
    },
    "reindexRequest": "2026-11-21",
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "slides", "effect": "NoSchedule"}],
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "priorityClassName": "clinical",
    "podAnnotations": {"example.org/team": "pathology"},
    "extraEnv": [
        {"name": "WSI_JPEG_QUALITY", "value": "85"},
        {"name": "HTTPS_PROXY", "valueFrom": {"configMapKeyRef": {"name": "proxy", "key": "url"}}},
    ],
}


def streamer(spec: Mapping[str, Any] | None, name: str = "slides") -> dict[str, Any]:
    """The object; without a spec where that is None."""
    body = {"apiVersion": "wsistreamer.io/v1alpha1", "kind": "WSIStreamer", "metadata": {"name": name}}
    return body if spec is None else {**body, "spec": spec}


def changed(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with other values at some paths (``tiles.replicas``); None removes the field."""
    copied = copy.deepcopy(dict(spec))
    for path, value in changes.items():
        *parents, last = path.split(".")
        inner = copied
        for parent in parents:
            inner = inner.setdefault(parent, {})
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return copied
