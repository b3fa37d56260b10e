"""The pods that find slides and read their layout."""

from __future__ import annotations

from wsi_operator.resources.kinds import DEPLOYMENT
from wsi_operator.resources.labels import Component, Manifest, child, selector
from wsi_operator.resources.names import indexer_name
from wsi_operator.resources.pod import pod_template
from wsi_operator.resources.ports import ADMIN, ADMIN_PORT, container_port
from wsi_operator.resources.probes import probes
from wsi_operator.resources.situation import Situation
from wsi_operator.spec.streamer import WSIStreamer

GRACE_SECONDS = 45
"""Calls of the admin API under way may take 20 s; then parsers and connections are closed."""


def indexer_deployment(streamer: WSIStreamer, situation: Situation) -> Manifest:
    """``wsi-streamer index``, as many as the backlog asks for. Several share the queue in Postgres."""
    template = pod_template(
        streamer,
        situation,
        Component.INDEXER,
        ["index"],
        streamer.spec.indexer.resources,
        container={
            "ports": [container_port(ADMIN, ADMIN_PORT)],
            # Its /ready only says whether Postgres was ever reached. Whoever asks it what is wrong must get through.
            **probes(ready_path="/health"),
        },
        terminationGracePeriodSeconds=GRACE_SECONDS,
    )
    return child(
        streamer,
        DEPLOYMENT,
        indexer_name(streamer.name),
        component=Component.INDEXER,
        spec={
            "replicas": 0 if streamer.spec.suspend else situation.indexer_replicas,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(streamer, Component.INDEXER)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": template,
        },
    )
