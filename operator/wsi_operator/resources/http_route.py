"""The way in by a Gateway."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.affinity_annotations import own_annotations
from wsi_operator.resources.kinds import HTTP_ROUTE
from wsi_operator.resources.labels import Component, Manifest, child
from wsi_operator.resources.ports import SERVICE_PORT
from wsi_operator.spec.streamer import WSIStreamer


def http_route(streamer: WSIStreamer) -> Manifest | None:
    """The whole host, at one listener of a Gateway; TLS is the listener's. The Gateway API has no field for balancing by
    path; policies of implementations (Envoy Gateway's BackendTrafficPolicy) may be attached by the user."""
    exposure = streamer.spec.exposure
    if exposure.way != "Gateway" or exposure.gateway is None:
        return None
    # With the defaults that the API's CRD would fill in.
    parent: dict[str, Any] = {
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        "name": exposure.gateway.name,
        "sectionName": exposure.gateway.section_name,
    }
    if exposure.gateway.namespace is not None:
        parent["namespace"] = exposure.gateway.namespace
    backend = {"group": "", "kind": "Service", "name": streamer.name, "port": SERVICE_PORT, "weight": 1}
    return child(
        streamer,
        HTTP_ROUTE,
        streamer.name,
        component=Component.TILES,
        annotations=own_annotations(exposure),
        spec={
            "parentRefs": [parent],
            "hostnames": [exposure.host],
            "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [backend]}],
        },
    )
