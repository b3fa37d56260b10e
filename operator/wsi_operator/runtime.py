"""The parts of the operator, put together."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time
from logging import getLogger

import kopf

from wsi_operator.apis import Apis
from wsi_operator.events import Events
from wsi_operator.handlers import Heard, registry_of, settings_of
from wsi_operator.health import serve_health
from wsi_operator.indexer_api import IndexerApi
from wsi_operator.kube.client import KubeClient
from wsi_operator.kube.login import login
from wsi_operator.liveness import Liveness
from wsi_operator.metrics import Metrics
from wsi_operator.reconcile.reconciler import Reconciler
from wsi_operator.resources.kinds import KINDS, SECRET
from wsi_operator.resync import Resync
from wsi_operator.settings import OperatorSettings
from wsi_operator.watcher import Watcher
from wsi_operator.work_queue import WorkQueue

_log = getLogger(__name__)


async def run(settings: OperatorSettings) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        OSError: the port is taken.
        NoCredentials: there are none.
    """
    async with contextlib.AsyncExitStack() as stack:
        await asyncio.to_thread(login)  # so that a wrong start is told at once
        client = await stack.enter_async_context(KubeClient())
        indexer = IndexerApi()
        stack.push_async_callback(indexer.aclose)
        await Operator(settings, client, indexer).run()


class Operator:
    """Of one process."""

    def __init__(self, settings: OperatorSettings, client: KubeClient, indexer: IndexerApi) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._liveness = Liveness(
            time.monotonic,
            round_limit=3 * 1.2 * settings.resync_seconds + 30,  # and as long as requests to a slow API server may take
            lag_limit=settings.watch_lag_seconds,
        )
        self._queue = WorkQueue()
        self._apis = Apis(client, KINDS, settings.namespaces)
        events = Events(client, socket.gethostname())
        self._reconciler = Reconciler(settings, client, self._apis, self._liveness, self._metrics, indexer, events)
        self._watcher = Watcher(self._prepare_watches)
        self._resync = Resync(
            client,
            self._queue,
            self._liveness,
            namespaces=settings.namespaces,
            seconds=settings.resync_seconds,
            before=self._look_at_apis,
            reached=self._watcher.watch,
            gone=self._reconciler.forget,
        )
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Until a signal says to stop."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stop.set)
        async with serve_health(
            self._settings.port, self._liveness, self._metrics, ready=self._is_ready, refresh=self._refresh_metrics
        ) as port:
            _log.info(
                "watching",
                extra={"namespaces": ",".join(self._settings.namespaces) or "all", "port": port,
                       "image": self._settings.image, "resync_seconds": self._settings.resync_seconds},
            )  # fmt: skip
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._resync.run(), name="resync"),
                    group.create_task(self._queue.run(self._reconciler.look), name="queue"),
                    group.create_task(self._watch(), name="watches"),
                ]
                await stop.wait()
                for task in tasks:
                    task.cancel()
        _log.info("stopped")

    async def _watch(self) -> None:
        # What is watched is told to kopf once: the resource's own definition must be there by then.
        await self._resync.succeeded.wait()
        await self._watcher.run()

    async def _look_at_apis(self) -> None:
        if await self._apis.refresh():
            _log.info("the cluster serves", extra={"kinds": [kind.kind for kind in self._apis.served if kind.optional]})
            self._watcher.restart()

    def _prepare_watches(self) -> tuple[kopf.OperatorRegistry, kopf.OperatorSettings]:
        """In kopf's thread."""
        kinds = [kind for kind in self._apis.served if kind != SECRET]
        return registry_of(kinds, self._hear), settings_of(kinds)

    def _hear(self, heard: Heard) -> None:
        """In kopf's thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: the operator is stopping
            self._loop.call_soon_threadsafe(self._heard, heard)

    def _heard(self, heard: Heard) -> None:
        self._liveness.arrived(heard.owner, heard.uid, heard.version, deleted=heard.deleted)
        self._queue.add(heard.owner)

    def _is_ready(self) -> bool:
        return self._resync.succeeded.is_set() and self._watcher.started

    def _refresh_metrics(self) -> None:
        ready, others = self._reconciler.ready()
        self._metrics.resources.labels(ready="true").set(ready)
        self._metrics.resources.labels(ready="false").set(others)
        self._metrics.depth.set(self._queue.depth())
        self._metrics.watch_lag.set(self._liveness.lag())
