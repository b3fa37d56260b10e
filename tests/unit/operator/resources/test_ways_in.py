"""Ingresses of controllers we know, and Traefik's Service."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.operator.samples import MINIMAL, situation, streamer_of
from wsi_operator.resources.children import desired

NGINX = "nginx.ingress.kubernetes.io/"
TRAEFIK = "traefik.ingress.kubernetes.io/service."


def _annotations(class_name: str | None, own: dict[str, str] | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """Of the Ingress, and of the Service behind it."""
    exposure: dict[str, Any] = {"type": "Ingress", "host": "slides.example.org", "tlsSecretName": "tls"}
    exposure |= {"annotations": own or {}} | ({"className": class_name} if class_name else {})
    made = {(item["kind"], item["metadata"]["name"]): item for item in _made({**MINIMAL, "exposure": exposure})}
    found = [made[kind, "slides"]["metadata"].get("annotations", {}) for kind in ("Ingress", "Service")]
    return found[0], found[1]


def _made(spec: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return desired(streamer_of(spec), situation())


def test_haproxy_hashes_by_slide() -> None:
    ingress, service = _annotations("haproxy-internal")
    assert ingress == {
        "haproxy.org/load-balance": "uri depth 2",
        "haproxy-ingress.github.io/balance-algorithm": "uri depth 2",
    }
    assert service == {}


def test_nginx_keeps_a_viewer_with_a_worker_until_that_fails() -> None:
    ingress, service = _annotations("nginx")
    assert ingress[f"{NGINX}affinity"] == "cookie"
    assert ingress[f"{NGINX}session-cookie-change-on-failure"] == "true"
    assert "$" not in "".join(ingress.values()), "a variable that the controller may not have"
    assert service == {}


@pytest.mark.parametrize("choice", ["upstream-hash-by", "affinity", "load-balance"])
def test_nginx_with_a_choice_of_the_users_gets_no_cookie_that_would_come_before_it(choice: str) -> None:
    ingress, _ = _annotations("nginx", {f"{NGINX}{choice}": "mine"})
    assert ingress == {f"{NGINX}proxy-buffer-size": "16k", f"{NGINX}{choice}": "mine"}


def test_traefik_reads_its_annotations_from_the_service() -> None:
    ingress, service = _annotations("traefik", {f"{TRAEFIK}sticky.cookie.name": "mine", "a/b": "c"})
    assert ingress == {"a/b": "c"}
    assert service[f"{TRAEFIK}sticky.cookie"] == "true"
    assert service[f"{TRAEFIK}sticky.cookie.name"] == "mine"


@pytest.mark.parametrize("class_name", [None, "public"])
def test_of_an_unknown_class_each_controller_finds_its_own(class_name: str | None) -> None:
    ingress, service = _annotations(class_name)
    assert {name.split("/")[0] for name in ingress} == {
        "haproxy.org",
        "haproxy-ingress.github.io",
        "nginx.ingress.kubernetes.io",
    }
    assert service


def test_the_users_annotations_win() -> None:
    ingress, _ = _annotations("haproxy", {"haproxy.org/load-balance": "leastconn"})
    assert ingress["haproxy.org/load-balance"] == "leastconn"


@pytest.mark.parametrize("exposure", [{}, {"type": "Route", "host": "slides.example.org"}])
def test_without_an_ingress_the_service_has_no_annotations(exposure: dict[str, Any]) -> None:
    services = [item for item in _made({**MINIMAL, "exposure": exposure}) if item["kind"] == "Service"]
    assert len(services) == 3
    assert not [item for item in services if "annotations" in item["metadata"]]


def test_a_route_without_a_certificate_uses_the_routers() -> None:
    (route,) = [
        item
        for item in _made({**MINIMAL, "exposure": {"type": "Route", "host": "slides.example.org"}})
        if item["kind"] == "Route"
    ]
    assert route["spec"]["tls"] == {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}
