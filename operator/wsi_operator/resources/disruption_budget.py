"""How many tile workers a node's maintenance may take at once."""

from __future__ import annotations

from wsi_operator.resources.kinds import POD_DISRUPTION_BUDGET
from wsi_operator.resources.labels import Component, Manifest, child, selector
from wsi_operator.resources.names import tiles_name
from wsi_operator.spec.streamer import WSIStreamer


def disruption_budget(streamer: WSIStreamer) -> Manifest | None:
    """None where it is turned off. Pods that don't serve anyway never hold up a node that is being drained."""
    most = streamer.spec.tiles.max_unavailable
    if most is None:
        return None
    return child(
        streamer,
        POD_DISRUPTION_BUDGET,
        tiles_name(streamer.name),
        component=Component.TILES,
        spec={
            "maxUnavailable": most,
            "selector": {"matchLabels": selector(streamer, Component.TILES)},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    )
