"""Which addresses fail too often: guessing, or a program gone wild. Only what fails is counted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from wsi_streamer.access.client_address import counted_as

SECONDS_EACH = 2.0
"""After those, one more each so many seconds."""

MAX_ADDRESSES = 4096
"""Remembered at most. The one whose last failure is longest ago is dropped first; after a minute it had its burst again
anyway."""


class Failures:
    """A token bucket for each client address, which failures alone empty: a hospital sits behind one address, and none who
    shows a valid right is to suffer for a neighbour. So ask it only where a request is about to be refused."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        burst: int = 30,
        seconds_each: float = SECONDS_EACH,
        max_addresses: int = MAX_ADDRESSES,
    ) -> None:
        """``now`` in seconds, monotonic. Times of day would do, but for one that is set back."""
        self._now = now
        self._span = burst * seconds_each
        self._each = seconds_each
        self._max_addresses = max_addresses
        # When an address has its whole burst again; what lies in the past is a full bucket.
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def is_over(self, address: str) -> bool:
        """Whether one more failure from ``address`` would be one too many. Counts nothing."""
        now = self._now()
        return max(self._full_at.get(counted_as(address), now), now) + self._each - now > self._span

    def note(self, address: str) -> bool:
        """A request from ``address`` fails; whether that is one too many, to be answered by `TooManyFailures`. Those too
        many are not counted: who goes on failing still gets an answer of its own each `SECONDS_EACH`."""
        name = counted_as(address)
        now = self._now()
        full_at = max(self._full_at.get(name, now), now) + self._each
        if full_at - now > self._span:
            self._full_at.move_to_end(name)
            return True
        self._full_at[name] = full_at
        self._full_at.move_to_end(name)
        if len(self._full_at) > self._max_addresses:
            self._full_at.popitem(last=False)
        return False
