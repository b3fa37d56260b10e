"""Who may talk to the pods, and to whom they may talk.

What a policy allows adds up: whoever needs more (an object store that sends notifications to the indexer, a Prometheus without
the usual label) adds a policy of their own for the same pods. The kubelet's probes pass in any case.
"""

from __future__ import annotations

import copy
from typing import Any

from wsi_operator.resources.kinds import NETWORK_POLICY
from wsi_operator.resources.labels import COMPONENT, INSTANCE, NAME, Component, Manifest, child, labels, selector
from wsi_operator.resources.names import indexer_name, jobs_name, tiles_name
from wsi_operator.resources.ports import ADMIN_PORT, HTTP_PORT
from wsi_operator.resources.situation import Situation
from wsi_operator.spec.network_policy import NetworkPolicySpec
from wsi_operator.spec.streamer import WSIStreamer

DNS_PORTS = (53, 5353)
"""Policies see the pod's port: OpenShift's DNS pods listen on 5353."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
PROMETHEUS = {"app.kubernetes.io/name": "prometheus"}
"""What Prometheus' operator puts on the pods it makes, in whatever namespace."""


def network_policies(streamer: WSIStreamer, situation: Situation) -> tuple[Manifest, ...]:
    """One for each sort of pod; none where they are turned off."""
    asked = streamer.spec.network_policy
    if asked is None:
        return ()
    jobs = {
        "matchLabels": {NAME: labels(streamer)[NAME], INSTANCE: streamer.name},
        "matchExpressions": [
            {"key": COMPONENT, "operator": "In", "values": [str(Component.AUDIT), str(Component.MIGRATE)]}
        ],
    }
    return (
        _policy(streamer, tiles_name(streamer.name), _pods(streamer, Component.TILES), _to_tiles(streamer, asked)),
        _policy(
            streamer, indexer_name(streamer.name), _pods(streamer, Component.INDEXER), _to_indexer(streamer, situation)
        ),
        _policy(streamer, jobs_name(streamer.name), jobs, []),
    )


def _policy(streamer: WSIStreamer, name: str, pods: dict[str, Any], ingress: list[dict[str, Any]]) -> Manifest:
    asked = streamer.spec.network_policy
    egress = [] if asked is None else _egress(asked)
    spec: dict[str, Any] = {"podSelector": pods, "policyTypes": ["Ingress", *(["Egress"] if egress else [])]}
    # An empty list is left out by the API server: with the type alone nobody gets in.
    if ingress:
        spec["ingress"] = ingress
    if egress:
        spec["egress"] = egress
    return child(streamer, NETWORK_POLICY, name, spec=spec)


def _pods(streamer: WSIStreamer, component: Component) -> dict[str, Any]:
    return {"matchLabels": selector(streamer, component)}


def _to_tiles(streamer: WSIStreamer, asked: NetworkPolicySpec) -> list[dict[str, Any]]:
    viewers: dict[str, Any] = {"ports": [_port(HTTP_PORT)]}
    if asked.ingress_from:
        viewers["from"] = copy.deepcopy(list(asked.ingress_from))
    elif streamer.spec.exposure.way == "None":
        viewers["from"] = [{"podSelector": {}}]
    rules = [viewers]
    if streamer.spec.monitoring.service_monitor is not None:
        # Metrics and probes are all that is there: no secret, no name of a slide. So whatever fetches metrics may.
        rules.append({"ports": [_port(ADMIN_PORT)], "from": [{"namespaceSelector": {}}]})
    return rules


def _to_indexer(streamer: WSIStreamer, situation: Situation) -> list[dict[str, Any]]:
    # Its metrics stand beside the admin API, so that Prometheus alone gets there; the API asks for a token as well.
    operator: dict[str, Any] = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: situation.operator_namespace}},
    }
    if situation.operator_pod_labels:
        operator["podSelector"] = {"matchLabels": dict(situation.operator_pod_labels)}
    peers = [operator]
    if streamer.spec.monitoring.service_monitor is not None:
        peers.append({"namespaceSelector": {}, "podSelector": {"matchLabels": dict(PROMETHEUS)}})
    return [{"ports": [_port(ADMIN_PORT)], "from": peers}]


def _egress(asked: NetworkPolicySpec) -> list[dict[str, Any]]:
    if not asked.egress:
        return []
    # To wherever: a DNS cache of the node has an address that no selector names.
    dns: dict[str, Any] = {"ports": [_port(port, protocol) for port in DNS_PORTS for protocol in ("UDP", "TCP")]}
    return [dns, *(copy.deepcopy(dict(rule)) for rule in asked.egress)]


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": number, "protocol": protocol}
