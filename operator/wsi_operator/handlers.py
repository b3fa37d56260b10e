"""The watches, as kopf runs them: each event only says which resource to look at again.

Nothing here writes: no finalizers, no annotations, no events. kopf does so for handlers of creations, updates, deletions,
timers and daemons; so there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import kopf

from wsi_operator.kube.login import login
from wsi_operator.reconcile.where import PLURAL
from wsi_operator.resources.kinds import Kind
from wsi_operator.resources.labels import INSTANCE, child_selector
from wsi_operator.spec.streamer import API_VERSION, KIND
from wsi_operator.work_queue import Key


class Heard(NamedTuple):
    """An event of a watch."""

    owner: Key
    """The resource that it concerns."""

    uid: str
    version: str
    deleted: bool


def registry_of(kinds: Iterable[Kind], hear: Callable[[Heard], None]) -> kopf.OperatorRegistry:
    """Handlers for the resource and these kinds of children. ``hear`` is called in kopf's thread."""
    registry = kopf.OperatorRegistry()

    async def on_event(event: Mapping[str, Any], **_: Any) -> None:
        heard = heard_of(event)
        if heard is not None:
            hear(heard)

    kopf.on.login(registry=registry, errors=kopf.ErrorsMode.TEMPORARY)(login)
    watched = [(API_VERSION, PLURAL), *((kind.api_version, kind.plural) for kind in kinds)]
    for api_version, plural in watched:
        group, _, version = api_version.rpartition("/")
        kopf.on.event(group, version, plural, registry=registry)(on_event)
    return registry


def settings_of(kinds: Iterable[Kind]) -> kopf.OperatorSettings:
    """How kopf watches: our own children only, each watch renewed every few minutes, and sooner when it is silent."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.process.ultimate_exiting_timeout = None
    settings.watching.server_timeout = 240
    settings.watching.client_timeout = 300
    settings.watching.connect_timeout = 10
    settings.watching.inactivity_timeout = 75  # the API server sends a bookmark about once a minute
    settings.watching.reconnect_backoff = 1.0
    settings.networking.request_timeout = 30
    settings.networking.connect_timeout = 10
    settings.networking.error_backoffs = (1, 2, 3, 5)
    for kind in kinds:
        group, _, version = kind.api_version.rpartition("/")
        selector = (group, version, kind.plural)
        settings.watching.label_selectors[selector] = child_selector()
    return settings


def heard_of(event: Mapping[str, Any]) -> Heard | None:
    """What an event says; None when it isn't about a resource of ours."""
    body: Mapping[str, Any] = event.get("object") or {}
    metadata: Mapping[str, Any] = body.get("metadata") or {}
    name = metadata.get("name") if body.get("kind") == KIND else _owner_name(metadata)
    namespace, uid = metadata.get("namespace"), metadata.get("uid")
    if not name or not namespace or not uid:
        return None
    version = str(metadata.get("resourceVersion") or "")
    return Heard(Key(namespace, name), uid, version, deleted=event.get("type") == "DELETED")


def _owner_name(metadata: Mapping[str, Any]) -> str | None:
    for reference in metadata.get("ownerReferences") or ():
        if reference.get("controller") and reference.get("kind") == KIND:
            return str(reference.get("name"))
    label = (metadata.get("labels") or {}).get(INSTANCE)
    return str(label) if label else None
