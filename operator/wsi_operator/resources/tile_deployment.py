"""The pods that serve tiles."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.kinds import DEPLOYMENT
from wsi_operator.resources.labels import Component, Manifest, child, selector
from wsi_operator.resources.names import tiles_name
from wsi_operator.resources.pod import pod_template
from wsi_operator.resources.ports import ADMIN, ADMIN_PORT, HTTP, HTTP_PORT, container_port
from wsi_operator.resources.probes import probes
from wsi_operator.resources.situation import Situation
from wsi_operator.spec.streamer import WSIStreamer

PRE_STOP_SECONDS = 5
"""Until endpoints and ingresses have forgotten a pod it still takes requests; then it finishes them, for 20 s at most."""


def tile_deployment(streamer: WSIStreamer, situation: Situation) -> Manifest:
    """``wsi-streamer tiles``. Without ``replicas`` where an autoscaler decides on them."""
    tiles = streamer.spec.tiles
    template = pod_template(
        streamer,
        situation,
        Component.TILES,
        ["tiles"],
        tiles.resources,
        container={
            "ports": [container_port(HTTP, HTTP_PORT), container_port(ADMIN, ADMIN_PORT)],
            # Not the "sleep" action: until Kubernetes 1.34 a cluster may have that turned off, and the charts take 1.31.
            "lifecycle": {"preStop": {"exec": {"command": ["sleep", str(PRE_STOP_SECONDS)]}}},
            **probes(ready_path="/ready"),
        },
        terminationGracePeriodSeconds=tiles.termination_grace_seconds,
        **_spread(streamer),
    )
    spec: dict[str, Any] = {
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": selector(streamer, Component.TILES)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
        "template": template,
    }
    if streamer.spec.suspend:
        spec["replicas"] = 0
    elif tiles.autoscaling is None:
        spec["replicas"] = tiles.replicas
    return child(streamer, DEPLOYMENT, tiles_name(streamer.name), component=Component.TILES, spec=spec)


def _spread(streamer: WSIStreamer) -> dict[str, Any]:
    spread = streamer.spec.tiles.topology_spread
    if spread is None:
        return {}
    return {
        "topologySpreadConstraints": [
            {
                "maxSkew": spread.max_skew,
                "topologyKey": spread.topology_key,
                "whenUnsatisfiable": spread.when_unsatisfiable,
                "labelSelector": {"matchLabels": selector(streamer, Component.TILES)},
            }
        ]
    }
