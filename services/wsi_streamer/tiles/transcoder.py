"""Decoding and encoding, off the event loop, in a bounded number of threads."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from wsi_streamer.slides.errors import Busy
from wsi_streamer.telemetry.metrics import Metrics
from wsi_streamer.tiles.fair_queue import FairQueue

V = TypeVar("V")

WAITING_PER_THREAD = 32
"""Jobs that may wait for each thread: at some 10 ms a tile, a third of a second."""

_AHEAD = 1
"""Jobs handed to each thread beyond the one it runs, lest it wait for the event loop between two of them. All others stay
in the queue, where turns are taken and what nobody wants any more is dropped."""


class _Job:
    __slots__ = ("done", "handle", "owner", "work")

    def __init__(self, work: Callable[[], Any], owner: Hashable, done: asyncio.Future[Any]) -> None:
        self.work = work
        self.owner = owner
        self.done = done
        self.handle: Future[Any] | None = None
        """Set once it was handed to the threads."""


class Transcoder:
    """Runs codec work in threads (the codecs release the GIL). When too much waits, it says so at once, because a
    client that comes back later is better than one that waits for its turn after the user has moved on."""

    def __init__(self, threads: int, metrics: Metrics) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="transcode")
        self._limit = threads * (1 + WAITING_PER_THREAD)
        self._most_handed = threads * (1 + _AHEAD)
        self._metrics = metrics
        self._queue: FairQueue[_Job] = FairQueue()
        self._handed: set[_Job] = set()

    def __len__(self) -> int:
        """Jobs waiting or running."""
        return len(self._queue) + len(self._handed)

    def ensure_room(self) -> None:
        """Say that it is too much before anything is read for it.

        Raises:
            Busy: too much is waiting already.
        """
        if len(self) >= self._limit:
            self._metrics.transcode_refused.inc()
            raise Busy("The server is decoding as many tiles as it can; try again in a second.", retry_after=1)

    async def run(self, work: Callable[[], V], owner: Hashable = None) -> V:
        """``work()`` in a thread; work whose caller is cancelled before it starts is never done, and leaves the queue at
        once.

        Args:
            work: what to do.
            owner: who it is for. Owners take turns, so that one's many jobs don't keep all others waiting.

        Raises:
            Busy: too much is waiting already.
        """
        self.ensure_room()
        job = _Job(work, owner, asyncio.get_running_loop().create_future())
        self._queue.put(owner, job)
        self._hand_out()
        try:
            result: V = await job.done
        except asyncio.CancelledError:
            self._withdraw(job)
            raise
        return result

    def close(self) -> None:
        """Drop what waits and let the threads end."""
        while self._queue:
            self._queue.take().done.cancel()
        for job in list(self._handed):
            self._withdraw(job)
            job.done.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _hand_out(self) -> None:
        while self._queue and len(self._handed) < self._most_handed:
            job = self._queue.take()
            self._handed.add(job)
            job.handle = self._pool.submit(job.work)
            job.handle.add_done_callback(lambda handle, job=job: self._ended(job, handle))  # type: ignore[misc]
        self._metrics.transcode_waiting.set(len(self))

    def _withdraw(self, job: _Job) -> None:
        """One that runs already goes on: it keeps its thread busy, and so keeps its place in the count."""
        if job.handle is None:
            self._queue.remove(job.owner, job)
        elif job.handle.cancel():
            self._handed.discard(job)
        self._hand_out()

    def _ended(self, job: _Job, handle: Future[Any]) -> None:
        """In the thread, or where it was cancelled."""
        if not handle.cancelled():
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                job.done.get_loop().call_soon_threadsafe(self._answer, job, handle)

    def _answer(self, job: _Job, handle: Future[Any]) -> None:
        self._handed.discard(job)
        self._hand_out()
        if job.done.done():  # cancelled while it ran
            return
        error = handle.exception()
        if error is None:
            job.done.set_result(handle.result())
        else:
            job.done.set_exception(error)
