"""One look at one resource: what is asked for, what is there, what is missing; and then its status."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wsi_operator.apis import Apis
from wsi_operator.events import Events
from wsi_operator.indexer_api import IndexerApi
from wsi_operator.kube.client import KubeClient, Object
from wsi_operator.kube.errors import NotFound
from wsi_operator.liveness import Liveness
from wsi_operator.metrics import Metrics
from wsi_operator.reconcile.memory import Memory
from wsi_operator.reconcile.visit import Visit
from wsi_operator.reconcile.where import status_of as status_address
from wsi_operator.reconcile.where import streamers
from wsi_operator.resources.labels import MANAGER
from wsi_operator.settings import OperatorSettings
from wsi_operator.spec.invalid import InvalidSpec
from wsi_operator.spec.streamer import WSIStreamer
from wsi_operator.status.condition import transitions
from wsi_operator.status.observation import Observation
from wsi_operator.status.spoilt import spoilt
from wsi_operator.status.status import patch_of, status_of
from wsi_operator.work_queue import Key

_LASTING_FAILURES = 3
"""In a row; after as many a failure of the API server is no hiccup, and is told in the status."""

_AGAIN_SECONDS = 2.0
"""While something that must go first is going."""


class Reconciler:
    """Looks at resources, each time as if for the first time."""

    def __init__(
        self,
        settings: OperatorSettings,
        client: KubeClient,
        apis: Apis,
        liveness: Liveness,
        metrics: Metrics,
        indexer: IndexerApi,
        events: Events,
    ) -> None:
        self._settings = settings
        self._client = client
        self._apis = apis
        self._liveness = liveness
        self._metrics = metrics
        self._indexer = indexer
        self._events = events
        self._memories: dict[Key, Memory] = {}

    async def look(self, key: Key, failures: int) -> float | None:
        """Look at a resource. Seconds until it wants to be looked at again; None: when something happens.

        Raises:
            ApiError: not all could be done; what was done stays.
        """
        begun = time.monotonic()
        try:
            again = await self._look(key, failures)
        except Exception:
            self._metrics.reconciles.labels(result="failed").inc()
            raise
        else:
            self._metrics.reconciles.labels(result="done").inc()
            return again
        finally:
            self._metrics.seconds.observe(time.monotonic() - begun)

    def ready(self) -> tuple[int, int]:
        """How many resources are ready, and how many aren't."""
        ready = sum(1 for memory in self._memories.values() if memory.ready)
        return ready, len(self._memories) - ready

    def forget(self, key: Key) -> None:
        """The resource is gone."""
        self._memories.pop(key, None)
        self._liveness.forget(key)

    async def _look(self, key: Key, failures: int) -> float | None:
        try:
            body = await self._client.get(streamers(key.namespace).of(key.name))
        except NotFound:
            self.forget(key)
            return None
        if body["metadata"].get("deletionTimestamp"):
            self.forget(key)
            return None  # whoever owns nothing any more needs nothing: the cluster deletes the children
        memory = self._remember(key, body)
        try:
            streamer = WSIStreamer.of(body)
        except InvalidSpec as error:
            self._liveness.saw(key, _version_of(body))
            await self._tell(body, memory, spoilt(body, str(error)))
            return None
        visit = Visit(self._settings, self._client, self._apis, self._metrics, self._indexer, streamer, memory)
        await visit.children.read()
        self._liveness.saw(key, _version_of(body) | visit.children.versions())
        visit.children.tells_server_errors = failures >= _LASTING_FAILURES
        body = await visit.pay(body)
        await self._tell(body, memory, await visit.observation(body))
        unsettled = visit.children.unsettled
        if unsettled is not None:
            if visit.children.written and unsettled.retry_after is None:
                return _AGAIN_SECONDS  # it gets on, so the next failure is a first one again
            raise unsettled
        return _AGAIN_SECONDS if visit.children.leaving else visit.again

    def _remember(self, key: Key, body: Object) -> Memory:
        memory = self._memories.get(key)
        if memory is None or memory.uid != body["metadata"]["uid"]:
            memory = self._memories[key] = Memory(uid=str(body["metadata"]["uid"]))
        return memory

    async def _tell(self, body: Object, memory: Memory, seen: Observation) -> None:
        old: Mapping[str, Any] = body.get("status") or {}
        new = status_of(seen, old, datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
        memory.ready = new["conditions"][0]["status"] == "True"
        patch = patch_of(old, new)
        if patch is None:
            return
        metadata = body["metadata"]
        try:
            # By uid: another of the same name may have come since.
            told = {"metadata": {"uid": metadata["uid"]}, "status": patch}
            await self._client.merge_patch(
                status_address(metadata["namespace"], metadata["name"]), told, manager=MANAGER
            )
        except NotFound:
            return
        await self._events.post(body, transitions(old.get("conditions") or (), new["conditions"]))


def _version_of(body: Object) -> dict[str, str]:
    return {str(body["metadata"]["uid"]): str(body["metadata"]["resourceVersion"])}
