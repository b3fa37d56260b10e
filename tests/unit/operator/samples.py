"""Resources as users write them, each with a point of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.crd import defaulted
from wsi_operator.resources.situation import Situation
from wsi_operator.spec.streamer import WSIStreamer

MINIMAL: dict[str, Any] = {
    "storage": {"bucket": "slides"},
    "database": {"urlSecretRef": {"name": "slides-db-app"}},
    "access": {"mode": "open"},
}

INGRESS: dict[str, Any] = {
    "image": {
        "repository": "registry.example.org/pathology/wsi-streamer",
        "tag": "0.1.0",
        "digest": "sha256:" + "0123456789abcdef" * 4,
        "pullPolicy": "Always",
        "pullSecrets": ["registry"],
    },
    "storage": {
        "bucket": "slides",
        "prefix": "routine/",
        "endpoint": "https://s3.hospital.example:9443",
        "region": "eu-central-1",
        "addressingStyle": "path",
        "credentialsSecretRef": {"name": "slides-s3", "sessionTokenKey": "AWS_SESSION_TOKEN"},
        "serviceAccountAnnotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/slides"},
        "caBundleRef": {"name": "hospital-ca", "key": "bundle.pem"},
        "timeoutSeconds": 20,
        "maxAttempts": 3,
    },
    "database": {
        "urlSecretRef": {"name": "slides-db-app"},
        "ownerUrlSecretRef": {"name": "slides-db-owner", "key": "url"},
        "caBundleRef": {"kind": "Secret", "name": "slides-db-ca"},
        "poolSize": 8,
        "pgbouncer": True,
    },
    "indexer": {
        "schedule": "0 2 * * *",
        "concurrency": 8,
        "replicas": {"min": 1, "max": 3},
        "deletionGraceScans": 3,
        "resources": {"requests": {"cpu": 1, "memory": "2048Mi"}, "limits": {"cpu": "4000m", "memory": "8Gi"}},
    },
    "tiles": {
        "replicas": 4,
        "cacheSize": "1Gi",
        "resources": {"requests": {"cpu": "1500m", "memory": "2Gi"}, "limits": {"cpu": "2.5", "memory": "4Gi"}},
        "topologySpread": {"topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"},
        "pdb": {"maxUnavailable": "25%"},
        "terminationGraceSeconds": 60,
    },
    "access": {
        "mode": "signed",
        "signingKeysSecretRef": {"name": "slides-keys"},
        "maxTtlSeconds": 100_000,
        "trustedProxies": ["10.0.0.0/8", "fd00::1"],
        "frameAncestors": ["https://portal.hospital.example", "https://*.clinic.example:8443"],
        "audit": {
            "retention": 120,
            "required": False,
            "spoolVolume": {"claimName": "slides-spool", "sizeLimit": "1Gi"},
        },
    },
    "associatedImages": {"exposeLabel": True, "exposeMacro": True},
    "exposure": {
        "type": "Ingress",
        "host": "slides.hospital.example",
        "className": "haproxy",
        "tlsSecretName": "slides-tls",
        "annotations": {"cert-manager.io/cluster-issuer": "hospital", "haproxy.org/load-balance": "leastconn"},
    },
    "networkPolicy": {
        "ingressFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}], "ports": [{"protocol": "TCP", "port": 9443}]}],
    },
    "monitoring": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "monitoring"}, "intervalSeconds": 15},
        "prometheusRule": {"enabled": True, "labels": {"release": "monitoring"}},
    },
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "pathology", "effect": "NoSchedule"}],
    "affinity": {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 10, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": {}}}
            ]
        }
    },
    "priorityClassName": "clinical",
    "podAnnotations": {"sidecar.istio.io/inject": "false"},
    "extraEnv": [
        {"name": "HTTPS_PROXY", "value": "http://proxy.hospital.example:3128"},
        {"name": "WSI_TRANSCODE_THREADS", "value": "6"},
        {"name": "PROXY_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "proxy", "key": "password"}}},
    ],
}

OIDC: dict[str, Any] = {
    **MINIMAL,
    "access": {
        "mode": "oidc",
        "signingKeysSecretRef": {"name": "slides-keys"},
        "oidc": {
            "issuer": "https://login.hospital.example/realms/hospital",
            "clientId": "wsi-streamer",
            "clientSecretRef": {"name": "slides-oidc"},
            "caBundleRef": {"name": "hospital-ca"},
            "rules": [
                {
                    "claim": "groups",
                    "value": "pathology",
                    "roles": ["viewer"],
                    "prefixes": [""],
                    "permissions": ["metadata", "label", "macro", "grant"],
                },
                {"claim": "groups", "value": "students", "roles": ["viewer"], "prefixes": ["teaching/"]},
                {"claim": "groups", "value": "research", "roles": ["viewer"], "prefixesClaim": "wsi_prefixes"},
                {"claim": "realm_access.roles", "value": "slides-admin", "roles": ["admin"]},
            ],
        },
    },
    "exposure": {
        "type": "Gateway",
        "host": "slides.hospital.example",
        "gatewayRef": {"name": "public", "namespace": "gateways", "sectionName": "https"},
    },
}

ROUTE: dict[str, Any] = {
    **MINIMAL,
    "exposure": {"type": "Route", "host": "slides.apps.hospital.example", "tlsSecretName": "slides-tls"},
    "networkPolicy": {"enabled": False},
}

AUTOSCALED: dict[str, Any] = {
    **MINIMAL,
    "tiles": {"replicas": 7, "autoscaling": {"enabled": True, "min": 3, "max": 12, "targetInFlight": 24}},
    "indexer": {"intervalSeconds": 0},
}

SUSPENDED: dict[str, Any] = {
    **AUTOSCALED,
    "suspend": True,
    "monitoring": {"prometheusRule": {"enabled": True}},
}

SAMPLES: dict[str, dict[str, Any]] = {
    "minimal": MINIMAL,
    "ingress": INGRESS,
    "oidc-gateway": OIDC,
    "route": ROUTE,
    "autoscaled": AUTOSCALED,
    "suspended": SUSPENDED,
}


def body_of(spec: Mapping[str, Any], name: str = "slides") -> dict[str, Any]:
    """As the API server hands it out."""
    return {
        "apiVersion": "wsistreamer.io/v1alpha1",
        "kind": "WSIStreamer",
        "metadata": {
            "name": name,
            "namespace": "pathology",
            "uid": "3f1c9f0e-0000-4000-8000-000000000001",
            "generation": 3,
        },
        "spec": defaulted(spec),
    }


def streamer_of(spec: Mapping[str, Any], name: str = "slides") -> WSIStreamer:
    """Parsed, with the CRD's defaults."""
    return WSIStreamer.of(body_of(spec, name))


def situation(**changes: Any) -> Situation:
    """An operator in a namespace of its own."""
    return Situation(
        **{
            "default_image": "registry.example.org/wsi-streamer:0.1.0",
            "operator_namespace": "wsi-system",
            "operator_pod_labels": {"app.kubernetes.io/name": "wsi-streamer-operator"},
            "indexer_replicas": 2,
            **changes,
        }
    )
