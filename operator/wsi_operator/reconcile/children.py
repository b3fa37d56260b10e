"""The children of one resource: what is there, what must be applied, what must go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from logging import getLogger
from typing import Any

from wsi_operator.apis import Apis
from wsi_operator.kube.address import Address
from wsi_operator.kube.client import KubeClient, Object
from wsi_operator.kube.errors import ApiError, Conflict, Forbidden, NotFound, Refused, ServerError
from wsi_operator.metrics import Metrics
from wsi_operator.reconcile.closed import closing, opened
from wsi_operator.reconcile.drift import Applied
from wsi_operator.reconcile.memory import ChildId, Memory
from wsi_operator.reconcile.ownership import has_controller, owned_by
from wsi_operator.reconcile.replicas import hold, to_hand_over
from wsi_operator.resources.kinds import SECRET, Kind
from wsi_operator.resources.labels import INSTANCE, MANAGER, child_selector
from wsi_operator.spec.streamer import WSIStreamer
from wsi_operator.status.observation import Trouble

_log = getLogger(__name__)


_REPAIR_SECONDS = 10.0
"""Between two times that the same child is put right."""


class Children:
    """For one look. ``live`` follows what is applied and deleted."""

    def __init__(self, client: KubeClient, apis: Apis, metrics: Metrics, streamer: WSIStreamer, memory: Memory) -> None:
        self._client = client
        self._apis = apis
        self._metrics = metrics
        self._streamer = streamer
        self._memory = memory
        self.live: dict[ChildId, Object] = {}
        self.refusals: list[Trouble] = []
        self.lacking: set[str] = set()
        """Kinds of which one could not be had as it should be."""

        self.unsettled: ApiError | None = None
        """What should be tried again soon, though the others were seen to."""

        self.tells_server_errors = False
        """Whether a 5xx is told like a refusal: it has lasted."""

        self.written = 0
        """How many children were applied."""

        self.leaving = False
        """Whether a child that is wanted is still being deleted, or was made or put right only a moment ago."""

    async def read(self) -> None:
        """List them, kind by kind, by their labels.

        Raises:
            ApiError: a list can't be had.
        """
        selector = f"{child_selector()},{INSTANCE}={self._streamer.name}"
        kinds = [kind for kind in self._apis.served if kind != SECRET]  # those may be had by name only
        lists = await asyncio.gather(*(self._listed(kind, selector) for kind in kinds))
        for kind, bodies in zip(kinds, lists, strict=True):
            for body in bodies:
                self.live[kind.kind, body["metadata"]["name"]] = body

    async def _listed(self, kind: Kind, selector: str) -> tuple[Object, ...]:
        try:
            return await self._client.list(self._address(kind), selector)
        except (ServerError, NotFound, Forbidden):
            if not kind.optional:
                raise
            return ()  # an API of somebody else's that is away is no reason to leave the rest alone

    def versions(self) -> dict[str, str]:
        """uid -> resourceVersion of the children among what was listed: the events of others are not filed under this resource."""
        ours = [body for body in self.live.values() if owned_by(body, self._streamer.uid)]
        return {str(body["metadata"]["uid"]): str(body["metadata"]["resourceVersion"]) for body in ours}

    def ours(self, kind: str, name: str) -> Object | None:
        """A child of this kind and name, if it is there and belongs to the resource."""
        body = self.live.get((kind, name))
        return body if body is not None and owned_by(body, self._streamer.uid) else None

    async def apply(self, manifests: Iterable[Mapping[str, Any]]) -> None:
        """Apply those that are missing or have drifted. One that is refused doesn't keep the others back.

        Raises:
            ApiError: the API server can't be worked with now.
        """
        for manifest in manifests:
            kind = self._apis.kind(manifest["apiVersion"], manifest["kind"])
            if not self._apis.serves(kind):
                self.refusals.append(_lacking(kind))
                continue
            told = len(self.refusals)
            name = manifest["metadata"]["name"]
            try:
                await self._keep(kind, name, manifest)
            except Conflict as error:
                self.unsettled = error
            except (Refused, NotFound) as error:
                self.refusals.append(Trouble("ApiRefused", f"The {kind.kind} '{name}' was refused: {error.message}"))
            except ServerError as error:
                self.unsettled = error
                if self.tells_server_errors:
                    text = f"The {kind.kind} '{name}' could not be applied: {error.message}"
                    self.refusals.append(Trouble("ApiRefused", text))
            if len(self.refusals) > told:
                self.lacking.add(kind.kind)

    async def _keep(self, kind: Kind, name: str, manifest: Mapping[str, Any]) -> None:
        address, child = self._address(kind).of(name), (kind.kind, name)
        live = self.live.get(child) or await self._unlisted(address)
        remembered = self._memory.applied.get(child)
        if live is not None:
            if not self._is_ours(live, remembered):
                self.refusals.append(_taken(kind, name))
                return
            self.live[child] = live
            if live["metadata"].get("deletionTimestamp"):
                self.leaving = True
                return
            await self._hand_over(address, live, manifest)
            is_open = opened(kind, manifest, live)
            if remembered is not None and not remembered.drifted(manifest, live) and not is_open:
                return
            if remembered is not None and remembered.is_repair(manifest, live) and not self._may_repair(child):
                self.leaving = True
                return
            if is_open:
                await self._client.merge_patch(address, closing(manifest, live), manager=MANAGER)
        answer = await self._client.apply(address, _pinned(manifest, live), manager=MANAGER, force=live is not None)
        self._metrics.applies.labels(kind=kind.kind).inc()
        self.written += 1
        self.live[child] = answer
        if live is None:
            self._memory.made[child] = time.monotonic()
        self._memory.applied[child] = Applied.of(manifest, answer)
        _log.info(
            "applied",
            extra={"namespace": self._streamer.namespace, "resource": self._streamer.name, "kind": kind.kind,
                   "child": name, "new": live is None},
        )  # fmt: skip

    def _may_repair(self, child: ChildId) -> bool:
        """Not all the time: whoever changes it may do so all the time, too."""
        now = time.monotonic()
        if now - self._memory.repaired.get(child, -_REPAIR_SECONDS) < _REPAIR_SECONDS:
            return False
        self._memory.repaired[child] = now
        return True

    def made_lately(self, child: ChildId) -> bool:
        """Whether one of this name was made a moment ago: whoever deletes it may do so all the time (a second operator over
        the namespace, say, that wants another Job)."""
        return time.monotonic() - self._memory.made.get(child, -_REPAIR_SECONDS) < _REPAIR_SECONDS

    async def _unlisted(self, address: Address) -> Object | None:
        """By its name: it may have lost our labels, or be somebody else's."""
        try:
            return await self._client.get(address)
        except NotFound:
            return None

    def _is_ours(self, live: Mapping[str, Any], remembered: Applied | None) -> bool:
        if owned_by(live, self._streamer.uid):
            return True
        # Somebody took our owner reference off the very object that we applied: that is an edit like any other.
        return remembered is not None and remembered.uid == live["metadata"]["uid"] and not has_controller(live)

    async def _hand_over(self, address: Address, live: Object, manifest: Mapping[str, Any]) -> None:
        autoscaling = self._streamer.spec.tiles.autoscaling
        if autoscaling is None or self._streamer.spec.suspend:
            return
        replicas = to_hand_over(live, manifest, autoscaling.min_replicas)
        if replicas is not None:
            await hold(self._client, address, live, replicas)

    async def prune(self, wanted: Iterable[ChildId], *, kinds: frozenset[str] | None = None) -> None:
        """Delete what belongs to the resource and isn't wanted (of these kinds, or of all).

        Raises:
            ApiError: the API server can't be worked with now.
        """
        keep = frozenset(wanted)
        for child, live in list(self.live.items()):
            if child in keep or (kinds is not None and child[0] not in kinds):
                continue
            if owned_by(live, self._streamer.uid) and not live["metadata"].get("deletionTimestamp"):
                await self.delete(child, live)

    async def delete(self, child: ChildId, live: Mapping[str, Any]) -> None:
        """Delete this very object.

        Raises:
            ApiError: the API server can't be worked with now.
        """
        kind = next(kind for kind in self._apis.served if kind.kind == child[0])
        try:
            await self._client.delete(self._address(kind).of(child[1]), uid=live["metadata"]["uid"])
        except (NotFound, Conflict):
            pass  # somebody was faster
        except Refused as error:
            self.refusals.append(
                Trouble("ApiRefused", f"The {child[0]} '{child[1]}' could not be deleted: {error.message}")
            )
            return
        self.live.pop(child, None)
        self._memory.applied.pop(child, None)
        _log.info(
            "deleted",
            extra={"namespace": self._streamer.namespace, "resource": self._streamer.name, "kind": child[0],
                   "child": child[1]},
        )  # fmt: skip

    def _address(self, kind: Kind) -> Address:
        return Address(kind.api_version, kind.plural, self._streamer.namespace)


def _pinned(manifest: Mapping[str, Any], live: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """On the condition that it still is the object that was looked at."""
    if live is None:
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "uid": live["metadata"]["uid"]}}


def _taken(kind: Kind, name: str) -> Trouble:
    return Trouble(
        "NameTaken",
        f"There is a {kind.kind} '{name}' that does not belong to this resource: delete or rename it, "
        "or give the resource another name.",
    )


def _lacking(kind: Kind) -> Trouble:
    return Trouble(
        "ApiRefused",
        f"This cluster has no {kind.kind} ({kind.api_version}), or the operator may not list them: install what brings it, or "
        "leave out of the spec what needs it.",
    )
