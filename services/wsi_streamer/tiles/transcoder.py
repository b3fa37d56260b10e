"""Decoding and encoding, off the event loop, in a bounded number of threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from wsi_streamer.slides.errors import Busy
from wsi_streamer.telemetry.metrics import Metrics

V = TypeVar("V")

WAITING_PER_THREAD = 32
"""Jobs that may wait for each thread: at some 10 ms a tile, a third of a second."""


class Transcoder:
    """Runs codec work in threads (the codecs release the GIL). When too much waits, it says so at once, because a
    client that comes back later is better than one that waits for its turn after the user has moved on."""

    def __init__(self, threads: int, metrics: Metrics) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="transcode")
        self._limit = threads * (1 + WAITING_PER_THREAD)
        self._metrics = metrics
        self._pending = 0

    def ensure_room(self) -> None:
        """Say that it is too much before anything is read for it.

        Raises:
            Busy: too much is waiting already.
        """
        if self._pending >= self._limit:
            self._metrics.transcode_refused.inc()
            raise Busy("The server is decoding as many tiles as it can; try again in a second.", retry_after=1)

    async def run(self, work: Callable[[], V]) -> V:
        """``work()`` in a thread; work whose caller is cancelled before it starts is never done.

        Raises:
            Busy: too much is waiting already.
        """
        self.ensure_room()
        self._pending += 1
        self._metrics.transcode_waiting.set(self._pending)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._pending -= 1
            self._metrics.transcode_waiting.set(self._pending)

    def close(self) -> None:
        """Drop what waits and let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
