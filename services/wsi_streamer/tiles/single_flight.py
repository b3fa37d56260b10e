"""One piece of work for all who want its result at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Flight(Generic[V]):
    task: asyncio.Task[V]
    callers: int = 0


class SingleFlight(Generic[K, V]):
    """Joins calls for the same key.

    The work is a task of its own: it belongs to the server, not to the request that began it, so a caller that is
    cancelled takes nothing away from the others. When all callers are cancelled so is the work, unless it is ``kept``.
    """

    def __init__(self, *, kept: bool = True) -> None:
        self._flights: dict[K, _Flight[V]] = {}
        self._kept = kept

    def __len__(self) -> int:
        return len(self._flights)

    def joinable(self, key: K) -> bool:
        """Whether work for ``key`` is under way."""
        return key in self._flights

    async def run(self, key: K, work: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The result of the work under way for ``key``, else of ``work()``, which then is under way."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(work()))
            flight.task.add_done_callback(lambda done: self._forget(key, done))
        flight.callers += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.callers -= 1
            if flight.callers == 0 and not self._kept and not flight.task.done():
                # Forgotten at once: who asks from now on must not join what is being cancelled.
                self._flights.pop(key, None)
                flight.task.cancel()

    def _forget(self, key: K, task: asyncio.Task[V]) -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # seen: where every caller has hung up, nobody else will look

    async def aclose(self) -> None:
        """Cancel what is under way and wait for its end."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
