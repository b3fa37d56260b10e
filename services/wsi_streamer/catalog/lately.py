"""Counts that take a while: those who ask all the time are told the last one for some seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

WORTH_KEEPING = 0.1
"""Seconds of counting below which everybody is told anew."""

KEPT = 20
"""How long a count is told again, as a multiple of what it took: at most a twentieth of the time goes into counting."""

T = TypeVar("T")


class Lately(Generic[T]):
    """The last result of something slow.

    Args:
        count: works it out.
        clock: seconds.
    """

    def __init__(self, count: Callable[[], Awaitable[T]], clock: Callable[[], float] = monotonic) -> None:
        self._count = count
        self._clock = clock
        self._until = float("-inf")
        self._last: T

    async def get(self) -> T:
        """The last result where that will do, else a new one."""
        return self._last if self._clock() < self._until else await self.anew()

    async def anew(self) -> T:
        """A new one."""
        began = self._clock()
        self._last = await self._count()
        ended = self._clock()
        took = ended - began
        self._until = ended + KEPT * took if took >= WORTH_KEEPING else ended
        return self._last
