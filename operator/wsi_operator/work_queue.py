"""Which resources are to be looked at, and when."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from logging import getLogger
from typing import NamedTuple

from wsi_operator.backoff import backoff
from wsi_operator.kube.errors import ApiError

_log = getLogger(__name__)


class Key(NamedTuple):
    """A resource."""

    namespace: str
    name: str


Work = Callable[[Key, int], Awaitable[float | None]]
"""Looks at a resource once; the number says how many times in a row that failed before. Answers in how many seconds it
wants to look again (None: when something happens), or raises, and is tried again later and later."""


class WorkQueue:
    """Deduplicated: what is added while it waits is done once, what is added while it is worked on is done after.

    At most ``workers`` resources are worked on at a time, each by one worker, and a resource at most once in
    ``spacing`` seconds: a roll-out tells of itself many times a second.
    """

    def __init__(self, *, workers: int = 16, spacing: float = 1.0, wait: Callable[..., float] = backoff) -> None:
        self._free = asyncio.Semaphore(workers)
        self._spacing = spacing
        self._wait = wait
        self._due: dict[Key, float] = {}
        self._busy: set[Key] = set()
        self._not_before: dict[Key, float] = {}
        self._failures: dict[Key, int] = {}
        self._changed = asyncio.Event()

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Look at this resource in so many seconds, or sooner if that was said before."""
        due = asyncio.get_running_loop().time() + delay
        self._due[key] = min(due, self._due.get(key, due))
        self._changed.set()

    def __len__(self) -> int:
        """How many resources wait or are worked on."""
        return len(self._due.keys() | self._busy)

    def depth(self) -> int:
        """How many resources could be worked on now if there were workers."""
        now = asyncio.get_running_loop().time()
        return sum(1 for key, due in self._due.items() if self._start(key, due) <= now)

    async def run(self, work: Work) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._free.acquire()
                key = await self._take()
                group.create_task(self._do(key, work), name=f"reconcile {key.namespace}/{key.name}")

    async def _take(self) -> Key:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            idle = [(self._start(key, due), key) for key, due in self._due.items() if key not in self._busy]
            start, key = min(idle, default=(None, None))
            if start is not None and key is not None and start <= loop.time():
                del self._due[key]
                self._busy.add(key)
                return key
            pause = None if start is None else start - loop.time()
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _start(self, key: Key, due: float) -> float:
        return max(due, self._not_before.get(key, due))

    async def _do(self, key: Key, work: Work) -> None:
        now = asyncio.get_running_loop().time
        self._not_before[key] = now() + self._spacing
        try:
            again = await work(key, self._failures.get(key, 0))
        except Exception as error:  # noqa: BLE001 - whatever one resource does, the others must go on
            self._failed(key, error)
        else:
            self._failures.pop(key, None)
            if again is not None:
                self.add(key, again)
        finally:
            self._busy.discard(key)
            self._free.release()
            self._changed.set()
            self._tidy(now())

    def _failed(self, key: Key, error: Exception) -> None:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        asked = error.retry_after if isinstance(error, ApiError) else None
        wait = self._wait(failures, retry_after=asked, jitter=random.random())  # noqa: S311 - no secret
        now = asyncio.get_running_loop().time()
        self._not_before[key] = now + wait
        self.add(key, wait)
        known = isinstance(error, ApiError)
        _log.warning(
            "not reconciled, tried again later",
            extra={"namespace": key.namespace, "resource": key.name, "error": str(error) or type(error).__name__,
                   "failures": failures, "seconds": round(wait, 1)},
            exc_info=None if known else error,
        )  # fmt: skip

    def _tidy(self, now: float) -> None:
        for key in [key for key, until in self._not_before.items() if until <= now and key not in self._due]:
            if key not in self._busy:
                del self._not_before[key]
