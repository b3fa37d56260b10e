"""The round over all resources, which needs no watch."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from logging import getLogger

from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.errors import ApiError, Forbidden, NotFound
from wsi_operator.liveness import Liveness
from wsi_operator.reconcile.where import streamers
from wsi_operator.work_queue import Key, WorkQueue

_log = getLogger(__name__)


class Resync:
    """Puts every resource into the queue, again and again: what a watch missed waits for the next round at most.

    ``reached`` is told which of the namespaces could be listed, ``gone`` which resources are there no more.
    """

    def __init__(
        self,
        client: KubeClient,
        queue: WorkQueue,
        liveness: Liveness,
        *,
        namespaces: Sequence[str],
        seconds: float,
        before: Callable[[], Awaitable[None]],
        reached: Callable[[tuple[str, ...]], None],
        gone: Callable[[Key], None],
    ) -> None:
        self._client = client
        self._queue = queue
        self._liveness = liveness
        self._namespaces: tuple[str | None, ...] = tuple(namespaces) or (None,)
        self._seconds = seconds
        self._before = before
        self._reached = reached
        self._gone = gone
        self.succeeded = asyncio.Event()
        """Set once a round went through."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._round()
            except ApiError as error:
                # The round counts: a restart would not mend the API server.
                _log.warning("the resources can't be listed", extra={"error": error.message, "status": error.status})
            else:
                self.succeeded.set()
            self._liveness.round_done()
            await asyncio.sleep(self._seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    async def _round(self) -> None:
        await self._before()
        found: set[Key] = set()
        reached: list[str | None] = []
        refusal: ApiError | None = None
        for namespace in self._namespaces:
            try:
                bodies = await self._client.list(streamers(namespace))
            except (Forbidden, NotFound) as error:
                # Deleted, and the operator's Role with it: no reason to leave the others alone.
                refusal = error
                _log.warning(
                    "a namespace can't be looked after", extra={"namespace": namespace, "error": error.message}
                )
                continue
            reached.append(namespace)
            found |= {Key(body["metadata"]["namespace"], body["metadata"]["name"]) for body in bodies}
        if refusal is not None and not reached:
            raise refusal
        self._reached(tuple(namespace for namespace in reached if namespace is not None))
        for key in sorted(found):
            self._queue.add(key)
        for key in self._liveness.known() - found:
            self._gone(key)
