"""Who gets to which port."""

from __future__ import annotations

from typing import Any

from tests.unit.operator.samples import MINIMAL, situation, streamer_of
from wsi_operator.resources.network_policies import network_policies

OPERATOR = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "wsi-system"}},
    "podSelector": {"matchLabels": {"app.kubernetes.io/name": "wsi-streamer-operator"}},
}
EXPOSED = {"exposure": {"type": "Route", "host": "slides.example.org"}}
MONITORED = {"monitoring": {"serviceMonitor": {"enabled": True}}}


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": number, "protocol": protocol}


def _policies(**spec: Any) -> dict[str, dict[str, Any]]:
    made = network_policies(streamer_of({**MINIMAL, **spec}), situation())
    return {item["metadata"]["name"]: item["spec"] for item in made}


def test_unexposed_tiles_are_for_pods_of_their_namespace() -> None:
    assert _policies()["slides-tiles"]["ingress"] == [{"ports": [_port(3000)], "from": [{"podSelector": {}}]}]


def test_exposed_tiles_are_for_anyone_at_the_public_port_alone() -> None:
    assert _policies(**EXPOSED)["slides-tiles"]["ingress"] == [{"ports": [_port(3000)]}]


def test_named_peers_are_the_only_ones() -> None:
    peer = {"ipBlock": {"cidr": "10.0.0.0/8"}}
    found = _policies(**EXPOSED, networkPolicy={"ingressFrom": [peer]})
    assert found["slides-tiles"]["ingress"] == [{"ports": [_port(3000)], "from": [peer]}]


def test_the_admin_api_is_the_operators() -> None:
    assert _policies(**EXPOSED)["slides-indexer"]["ingress"] == [{"ports": [_port(3001)], "from": [OPERATOR]}]


def test_metrics_open_the_admin_port_and_the_indexers_to_prometheus_alone() -> None:
    found = _policies(**MONITORED)
    assert found["slides-tiles"]["ingress"][1] == {"ports": [_port(3001)], "from": [{"namespaceSelector": {}}]}
    prometheus = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}}}
    assert found["slides-indexer"]["ingress"] == [{"ports": [_port(3001)], "from": [OPERATOR, prometheus]}]


def test_nobody_gets_into_the_jobs() -> None:
    found = _policies(**MONITORED, **EXPOSED)["slides-jobs"]
    assert found["policyTypes"] == ["Ingress"]
    assert "ingress" not in found


def test_restricted_pods_still_resolve_names() -> None:
    rule = {"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}], "ports": [_port(5432)]}
    for policy in _policies(networkPolicy={"egress": [rule]}).values():
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        dns, own = policy["egress"]
        assert own == rule
        assert _port(53, "UDP") in dns["ports"]
        assert _port(5353, "UDP") in dns["ports"]
        assert "to" not in dns


def test_they_can_be_turned_off() -> None:
    assert _policies(networkPolicy={"enabled": False}) == {}
