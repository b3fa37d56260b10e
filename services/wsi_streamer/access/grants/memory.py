"""What a worker remembers of grants, so that a tile costs no query, and for how long."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from wsi_streamer.slides.errors import CatalogUnavailable

FRESH_SECONDS = 30.0
"""A revocation that a worker doesn't hear of holds after this time at most."""

KEPT_SECONDS = 300.0
"""While the database is away: a revocation can't be made there either, and what was revoked before has been heard of or
ends with this."""

AWAY_SECONDS = 5.0
"""After a question in vain, who is remembered is not kept waiting for the next one."""

CAPACITY = 10_000

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    read_at: float
    value: V | None
    """None: there is no such grant."""


class Memory(Generic[V]):
    """The most recently used `CAPACITY` answers; one question at a time for each grant.

    Args:
        load: asks the catalog; None is an answer too.
        clock: seconds, never going back.
    """

    def __init__(
        self, load: Callable[[str], Awaitable[V | None]], clock: Callable[[], float], capacity: int = CAPACITY
    ) -> None:
        self._load = load
        self._clock = clock
        self._capacity = capacity
        self._entries: OrderedDict[str, _Entry[V]] = OrderedDict()
        self._flights: dict[str, asyncio.Task[V | None]] = {}
        self._tasks: set[asyncio.Task[V | None]] = set()
        self._doubted_at = float("-inf")
        self._failed_at = float("-inf")

    def __len__(self) -> int:
        return len(self._entries)

    async def get(self, ident: str) -> V | None:
        """What the catalog says, or said a moment ago.

        Raises:
            CatalogUnavailable: it can't be asked, and what it said is not known or too old.
        """
        entry = self._entries.get(ident)
        now = self._clock()
        if entry is not None and now - entry.read_at <= FRESH_SECONDS and entry.read_at > self._doubted_at:
            self._entries.move_to_end(ident)
            return entry.value
        if now - self._failed_at < AWAY_SECONDS:
            remembered = self._remembered(ident)
            if remembered is not None:
                if not self._flights:
                    self._begin(ident)  # finds out when the database is back; nobody waits for it
                return remembered
        try:
            return await asyncio.shield(self._flights.get(ident) or self._begin(ident))
        except CatalogUnavailable:
            remembered = self._remembered(ident)  # as it is now: it may have been forgotten meanwhile
            if remembered is None:
                raise
            return remembered

    def forget(self, ident: str) -> None:
        """One has changed. What is being asked may be answered from before, and counts for those alone who wait now."""
        self._entries.pop(ident, None)
        self._flights.pop(ident, None)

    def doubt_all(self) -> None:
        """Any may have changed: each is asked for again before it counts, unless the database is away."""
        self._doubted_at = self._clock()
        self._flights.clear()

    async def aclose(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _remembered(self, ident: str) -> V | None:
        entry = self._entries.get(ident)
        if entry is None or self._clock() - entry.read_at >= KEPT_SECONDS:
            return None
        return entry.value

    def _begin(self, ident: str) -> asyncio.Task[V | None]:
        task = self._flights[ident] = asyncio.create_task(self._ask(ident))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._end(ident, done))
        return task

    async def _ask(self, ident: str) -> V | None:
        began = self._clock()  # what is told may be as old as the question
        try:
            value = await self._load(ident)
        except CatalogUnavailable:
            self._failed_at = self._clock()
            raise
        self._failed_at = float("-inf")
        if self._flights.get(ident) is asyncio.current_task():
            self._entries[ident] = _Entry(began, value)
            self._entries.move_to_end(ident)
            while len(self._entries) > self._capacity:
                self._entries.popitem(last=False)
        return value

    def _end(self, ident: str, task: asyncio.Task[V | None]) -> None:
        self._tasks.discard(task)
        if self._flights.get(ident) is task:
            del self._flights[ident]
        if not task.cancelled():
            task.exception()  # seen: nobody may be waiting
