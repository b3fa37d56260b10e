"""``--workers``: several processes that serve tiles on one port, kept running by the command that started them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import math
import os
from collections.abc import AsyncIterator
from socket import socket
from typing import Literal

import structlog

from wsi_streamer.cli.worker_messages import Answer, Start, Up
from wsi_streamer.cli.worker_process import WorkerNotStarted, WorkerProcess
from wsi_streamer.settings import Settings
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.web.neighbours import mailbox, receive, send
from wsi_streamer.web.server import GRACE_SECONDS

MIN_BACKOFF_SECONDS = 0.2
MAX_BACKOFF_SECONDS = 30.0
GOOD_SECONDS = 60.0
"""A worker that served for so long is started again at once."""

_BACKLOG = 2048  # connections that wait to be accepted; uvicorn's own figure

_log = structlog.get_logger("wsi_streamer.cli")


class Workers:
    """They share a listening socket, and pass connections to each other (`web.neighbours`). This process sees none of
    them: it starts workers, asks them for their numbers, and says who is there."""

    def __init__(self, settings: Settings, listening: socket, metrics: Metrics) -> None:
        self._settings = shared_out(settings)
        self._count = settings.workers
        self._listening = listening
        self._metrics = metrics
        self._running: dict[int, WorkerProcess] = {}
        self._stopping: set[int] = set()
        self._mail = contextlib.ExitStack()
        self._inboxes: list[socket] = []
        self._outboxes: list[socket] = []
        for _ in range(self._count):
            inbox, outbox = mailbox()
            self._inboxes.append(self._mail.enter_context(inbox))
            self._outboxes.append(self._mail.enter_context(outbox))
        listening.listen(_BACKLOG)

    @classmethod
    @contextlib.asynccontextmanager
    async def started(cls, settings: Settings, listening: socket, metrics: Metrics) -> AsyncIterator[Workers]:
        """All of them, serving; at the end they finish what is under way.

        Raises:
            WorkerNotStarted: one of them does not come up. Later that is no error but tried again.
            NoWorkers: not on this system.
        """
        workers = cls(settings, listening, metrics)
        keepers: list[asyncio.Task[None]] = []
        try:
            try:
                # One that fails takes the others with it.
                async with asyncio.TaskGroup() as group:
                    for index in range(workers._count):
                        group.create_task(workers._start(index))
            except* WorkerNotStarted as errors:
                raise errors.exceptions[0] from None
            keepers += [asyncio.create_task(workers._keep(index)) for index in range(workers._count)]
            yield workers
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            await workers._stop()

    async def render_metrics(self) -> tuple[bytes, str]:
        """This process's numbers, and those of the workers with their index as label ``worker``."""
        answers = await self._ask_all("metrics")
        return self._metrics.render({str(index): answer.families for index, answer in answers.items()})

    async def ready(self) -> bool:
        """Whether all are up and ready."""
        answers = await self._ask_all("ready")
        return len(answers) == self._count and all(answer.ready for answer in answers.values())

    async def _ask_all(self, what: Literal["metrics", "ready"]) -> dict[int, Answer]:
        running = {index: self._running[index] for index in sorted(self._running) if index not in self._stopping}
        answers = await asyncio.gather(*(worker.ask(what) for worker in running.values()))
        return {index: answer for index, answer in zip(running, answers, strict=True) if answer is not None}

    async def _start(self, index: int) -> None:
        self._running[index] = await WorkerProcess.start(
            Start(index, self._count, self._settings),
            listening=self._listening,
            inbox=self._inboxes[index],
            outboxes=self._outboxes,
            on_stopping=lambda: self._on_stopping(index),
        )
        self._stopping.discard(index)
        self._tell()

    async def _keep(self, index: int) -> None:
        """Start a worker again whenever it has ended."""
        loop, backoff = asyncio.get_running_loop(), MIN_BACKOFF_SECONDS
        while True:
            began = loop.time()
            worker = self._running[index]
            code = await worker.ended()
            del self._running[index]
            self._tell()
            self._deliver(index)
            if loop.time() - began > GOOD_SECONDS:
                backoff = MIN_BACKOFF_SECONDS
            _log.warning("a tile worker ended and is started again", worker=index, code=code, seconds=backoff)
            while index not in self._running:
                await asyncio.sleep(backoff)
                self._deliver(index)  # what others sent before they knew
                backoff = min(MAX_BACKOFF_SECONDS, backoff * 2)
                self._metrics.worker_restarts.labels(str(index)).inc()
                try:
                    await self._start(index)
                except WorkerNotStarted as error:
                    _log.warning("it is tried again", worker=index, reason=error.message, seconds=backoff)
                except Exception:  # noqa: BLE001 - whatever it was: without this task the worker would be gone for good
                    _log.exception("a tile worker can't be started", worker=index, seconds=backoff)

    def _on_stopping(self, index: int) -> None:
        if index not in self._stopping:
            self._stopping.add(index)
            self._tell()

    def _tell(self) -> None:
        """Have everybody know who is there."""
        up = [index in self._running and index not in self._stopping for index in range(self._count)]
        for index, is_up in enumerate(up):
            self._metrics.worker_up.labels(str(index)).set(is_up)
        for worker in self._running.values():
            worker.send(Up(up))

    def _deliver(self, index: int) -> None:
        """What was on its way to a worker that is gone goes to another."""
        others = [i for i in self._running if i not in self._stopping]
        while (message := receive(self._inboxes[index])) is not None:
            data, fd = message
            if fd is not None:
                any(send(self._outboxes[other], data, fd) for other in others)
                os.close(fd)

    async def _stop(self) -> None:
        self._listening.close()  # or those who connect now would wait until the last worker has gone
        running, self._running = list(self._running.values()), {}
        try:
            await asyncio.gather(
                *(worker.stop(GRACE_SECONDS + 5) for worker in running),
                return_exceptions=True,
            )
        finally:
            self._mail.close()


def shared_out(settings: Settings) -> Settings:
    """The settings of one worker: what is per machine divided by their number. A slide is in one worker's memory."""

    def share(whole: int) -> int:
        return max(1, math.ceil(whole / settings.workers))

    return dataclasses.replace(
        settings,
        cache_tiles=share(settings.cache_tiles),
        cache_slides=share(settings.cache_slides),
        transcode_threads=share(settings.transcode_threads),
    )
