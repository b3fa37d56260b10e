"""The way in by an ingress controller."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.affinity_annotations import ingress_annotations
from wsi_operator.resources.kinds import INGRESS
from wsi_operator.resources.labels import Component, Manifest, child
from wsi_operator.resources.ports import HTTP
from wsi_operator.spec.streamer import WSIStreamer


def ingress(streamer: WSIStreamer) -> Manifest | None:
    """The whole host, always with TLS: links carry the right to see a slide. Paths go on as they were sent, since nothing
    rewrites them."""
    exposure = streamer.spec.exposure
    if exposure.way != "Ingress":
        return None
    backend = {"service": {"name": streamer.name, "port": {"name": HTTP}}}
    spec: dict[str, Any] = {
        "tls": [{"hosts": [exposure.host], "secretName": exposure.tls_secret}],
        "rules": [
            {"host": exposure.host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
        ],
    }
    if exposure.class_name is not None:
        spec["ingressClassName"] = exposure.class_name
    return child(
        streamer,
        INGRESS,
        streamer.name,
        component=Component.TILES,
        annotations=ingress_annotations(exposure),
        spec=spec,
    )
