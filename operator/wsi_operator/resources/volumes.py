"""What is mounted into a pod. Its own file system can only be read."""

from __future__ import annotations

from typing import Any

from wsi_operator.resources.labels import Component
from wsi_operator.resources.names import access_config_map_name
from wsi_operator.resources.paths import (
    ACCESS_DIR,
    CA_FILE,
    DATA_DIR,
    DATABASE,
    OIDC,
    RULES_FILE,
    STORAGE,
    ca_bundle,
    ca_dir,
)
from wsi_operator.spec.reference import Key
from wsi_operator.spec.streamer import WSIStreamer

_TMP_SIZE = "256Mi"
"""The services keep nothing there; what some library might leave must not fill the node's disk."""

_SERVICES = (Component.TILES, Component.INDEXER)


def volumes(streamer: WSIStreamer, component: Component) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Volumes of a component's pod, each with its mount."""
    found = [_mounted("tmp", "/tmp", {"emptyDir": {"sizeLimit": _TMP_SIZE}})]  # noqa: S108 - the pod's own
    if component in _SERVICES:
        found.append(_mounted("data", DATA_DIR, _data(streamer)))
    for peer in (STORAGE, DATABASE, OIDC):
        bundle = ca_bundle(streamer, peer)
        if bundle is not None and (peer == DATABASE or component in _SERVICES):
            found.append(_mounted(f"ca-{peer}", ca_dir(peer), _bundle(bundle), read_only=True))
    oidc = streamer.spec.access.oidc
    if oidc is not None and oidc.rules and component in _SERVICES:
        source = {"name": access_config_map_name(streamer.name), "items": [{"key": RULES_FILE, "path": RULES_FILE}]}
        found.append(_mounted("access", ACCESS_DIR, {"configMap": source}, read_only=True))
    return found


def _data(streamer: WSIStreamer) -> dict[str, Any]:
    audit = streamer.spec.access.audit
    if audit.spool_claim is not None:
        return {"persistentVolumeClaim": {"claimName": audit.spool_claim}}
    return {"emptyDir": {"sizeLimit": audit.spool_size}}


def _bundle(key: Key) -> dict[str, Any]:
    items = [{"key": key.key, "path": CA_FILE}]
    if key.kind == "Secret":
        return {"secret": {"secretName": key.name, "items": items}}
    return {"configMap": {"name": key.name, "items": items}}


def _mounted(
    name: str, path: str, source: dict[str, Any], *, read_only: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    mount: dict[str, Any] = {"name": name, "mountPath": path}
    if read_only:
        mount["readOnly"] = True
    return {"name": name, **source}, mount
