"""What brings the requests of a slide, or at least of a viewer, to one worker: what it has read of the slide is there.

Ingress has no field for it, so each controller has annotations of its own. A class's name says which controller it is, as far
as names do; of an unknown class all are written, since a controller passes over what isn't its own. Any worker can answer any
request, so a wrong guess costs time and nothing else.

| controller | how | source |
|---|---|---|
| HAProxy Technologies' | by slide | haproxytech/kubernetes-ingress, documentation/annotations.md: load-balance |
| HAProxy Ingress | by slide | haproxy-ingress.github.io, configuration keys: balance-algorithm |
| ingress-nginx | by viewer (cookie) | kubernetes.github.io/ingress-nginx, examples/affinity/cookie |
| Traefik | by viewer (cookie) | doc.traefik.io, Kubernetes Ingress: annotations of the Service |
| OpenShift's router | by viewer (cookie) | its own default for edge routes: nothing to write |

``balance uri depth 2`` hashes ``/tiles/{slide}``. ingress-nginx could hash by slide too, but only by a variable from a `map`
in the controller's own ConfigMap (README, Behind nginx or HAProxy); where that is missing all would go to one worker. Whoever has
it sets upstream-hash-by, and the cookie, which would come before it (rootfs/etc/nginx/lua/balancer.lua), stays out. Not by the
client's address: behind a load balancer or a hospital's web proxy, all have the same.
"""

from __future__ import annotations

from wsi_operator.spec.exposure import Exposure

COOKIE = "wsi-worker"
_NGINX, _HAPROXY, _TRAEFIK = "nginx", "haproxy", "traefik"
_KNOWN = (_NGINX, _HAPROXY, _TRAEFIK)
_BY_SLIDE = "uri depth 2"

_NGINX_PREFIX = "nginx.ingress.kubernetes.io/"
_NGINX_CHOICES = (f"{_NGINX_PREFIX}affinity", f"{_NGINX_PREFIX}upstream-hash-by", f"{_NGINX_PREFIX}load-balance")
_NGINX_COOKIE = {
    f"{_NGINX_PREFIX}affinity": "cookie",
    f"{_NGINX_PREFIX}session-cookie-name": COOKIE,
    f"{_NGINX_PREFIX}session-cookie-change-on-failure": "true",  # the second try goes to another worker
}
_NGINX_HEADERS = {f"{_NGINX_PREFIX}proxy-buffer-size": "16k"}
"""A session's cookie may take 4 kB, which is all that the controller keeps free for an answer's headers: signing in would
end in 502."""

_HAPROXY_BALANCE = {
    "haproxy.org/load-balance": _BY_SLIDE,
    "haproxy-ingress.github.io/balance-algorithm": _BY_SLIDE,
}

_TRAEFIK_SERVICE = "traefik.ingress.kubernetes.io/service."
_TRAEFIK_COOKIE = {
    f"{_TRAEFIK_SERVICE}sticky.cookie": "true",
    f"{_TRAEFIK_SERVICE}sticky.cookie.name": COOKIE,
    f"{_TRAEFIK_SERVICE}sticky.cookie.httponly": "true",
    f"{_TRAEFIK_SERVICE}sticky.cookie.secure": "true",
}


def ingress_annotations(exposure: Exposure) -> dict[str, str]:
    """Of an Ingress; what the user writes wins."""
    found: dict[str, str] = {}
    if _is(exposure, _NGINX):
        found |= _NGINX_HEADERS
        if not any(choice in exposure.annotations for choice in _NGINX_CHOICES):
            found |= _NGINX_COOKIE
    if _is(exposure, _HAPROXY):
        found |= _HAPROXY_BALANCE
    return found | own_annotations(exposure)


def service_annotations(exposure: Exposure) -> dict[str, str]:
    """Of the Service behind an Ingress: Traefik reads some there. Those that the user writes for it are meant for the
    Service too."""
    if exposure.way != "Ingress":
        return {}
    found = dict(_TRAEFIK_COOKIE) if _is(exposure, _TRAEFIK) else {}
    return found | {name: value for name, value in exposure.annotations.items() if name.startswith(_TRAEFIK_SERVICE)}


def own_annotations(exposure: Exposure) -> dict[str, str]:
    """The user's, but those that belong to the Service."""
    return {name: value for name, value in exposure.annotations.items() if not name.startswith(_TRAEFIK_SERVICE)}


def _is(exposure: Exposure, controller: str) -> bool:
    name = (exposure.class_name or "").lower()
    named = [known for known in _KNOWN if known in name]
    return not named or controller in named
