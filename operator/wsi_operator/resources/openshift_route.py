"""The way in by OpenShift's router."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.affinity_annotations import own_annotations
from wsi_operator.resources.kinds import ROUTE
from wsi_operator.resources.labels import Component, Manifest, child
from wsi_operator.resources.ports import HTTP
from wsi_operator.spec.streamer import WSIStreamer


def openshift_route(streamer: WSIStreamer) -> Manifest | None:
    """The whole host with TLS ended at the router: by its own certificate, or by one from a Secret, which the router's
    service account must be allowed to read. A viewer stays with one worker by the cookie that routers set for such routes."""
    exposure = streamer.spec.exposure
    if exposure.way != "Route":
        return None
    tls: dict[str, Any] = {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}
    if exposure.tls_secret is not None:
        tls["externalCertificate"] = {"name": exposure.tls_secret}
    return child(
        streamer,
        ROUTE,
        streamer.name,
        component=Component.TILES,
        annotations=own_annotations(exposure),
        spec={
            "host": exposure.host,
            "to": {"kind": "Service", "name": streamer.name, "weight": 100},
            "port": {"targetPort": HTTP},
            "tls": tls,
            "wildcardPolicy": "None",
        },
    )
