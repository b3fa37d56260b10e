"""Where the resources are in the API."""

from __future__ import annotations

from wsi_operator.kube.address import Address
from wsi_operator.spec.streamer import API_VERSION

PLURAL = "wsistreamers"


def streamers(namespace: str | None) -> Address:
    """All of a namespace, or of the cluster."""
    return Address(API_VERSION, PLURAL, namespace)


def status_of(namespace: str, name: str) -> Address:
    """The status of one."""
    return streamers(namespace).of(name, "status")
