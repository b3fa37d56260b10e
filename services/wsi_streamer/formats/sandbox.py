"""A pool of parser processes: what a hostile file kills, fills or hangs is one of them, and only for itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from wsi_streamer.formats.errors import Broken
from wsi_streamer.formats.worker import Died, Fetch, Worker
from wsi_streamer.slides.errors import Busy
from wsi_streamer.slides.slide import ParsedSlide

RECYCLE_AFTER = 200
"""Slides a process parses before a fresh one takes its place."""


class ParserPool:
    """At most ``size`` processes, started when first needed, kept while they behave."""

    def __init__(self, size: int, memory_bytes: int, seconds: float) -> None:
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._slots = asyncio.Semaphore(size)
        self._idle: list[Worker] = []
        self._closed = False

    @classmethod
    async def start(cls, size: int, *, memory_bytes: int = 2 << 30, seconds: float = 60.0) -> ParserPool:
        """With one process up, so that an installation that can't start any fails here.

        Args:
            size: processes at most, which is slides at once.
            memory_bytes: address space of each.
            seconds: time one slide may take, not counting that in which the store is read.

        Raises:
            RuntimeError: a parser process can't be started.
        """
        pool = cls(max(1, size), memory_bytes, seconds)
        try:
            pool._idle.append(await Worker.start(memory_bytes, seconds))
        except (Died, OSError) as error:
            raise RuntimeError("A parser process can't be started.") from error
        return pool

    async def parse(self, size: int, fetch: Fetch) -> ParsedSlide:
        """Parse an object of ``size`` bytes; ``fetch(offset, length)`` reads it.

        Raises:
            Unsupported: not served, with the reason.
            Broken: damaged, or its parser had to be killed.
            Busy: no process can be started just now.
            Exception: what ``fetch`` raised, as it was.
        """
        async with self._slots:
            try:
                return await self._parse_once(size, fetch)
            except Died as end:
                if end.timed_out:
                    raise Broken(f"Reading it takes longer than {self._seconds:g} s.") from end
            # Perhaps not the file's fault (the system was out of memory, an operator's kill): once more, alone.
            try:
                return await self._parse_once(size, fetch)
            except Died as end:
                what = f"takes longer than {self._seconds:g} s" if end.timed_out else "killed its parser twice"
                raise Broken(f"Reading it {what}.") from end

    async def _parse_once(self, size: int, fetch: Fetch) -> ParsedSlide:
        if self._closed:
            raise Busy("The service is stopping.")
        worker = self._idle.pop() if self._idle else await self._new()
        try:
            return await worker.parse(size, fetch)
        finally:
            if worker.usable and worker.parsed < RECYCLE_AFTER and not self._closed:
                self._idle.append(worker)
            else:
                await asyncio.shield(worker.close())

    async def _new(self) -> Worker:
        try:
            return await Worker.start(self._memory_bytes, self._seconds)
        except (Died, OSError) as error:
            raise Busy("No parser process can be started at the moment.") from error

    async def aclose(self) -> None:
        """End all processes; parses under way end as their processes do."""
        self._closed = True
        idle, self._idle = self._idle, []
        for worker in idle:
            with suppress(OSError):
                await worker.close()
