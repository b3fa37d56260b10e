"""Callers whose tokens were checked a moment ago: a page of tiles carries the same one a hundred times."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from wsi_streamer.access.caller import Caller

SECONDS = 30.0
"""How long a token counts without another look: what the provider withdraws may count so much longer."""

CAPACITY = 2000


class RecentCallers:
    """By a digest of the token, so that no token stays in memory. Bounded in entries and in age."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._callers: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._callers)

    def get(self, token: str, now: float) -> Caller | None:
        """The caller; None where it is too long ago, or where the token has expired (``now`` is in unix seconds)."""
        entry = self._callers.get(_digest(token))
        if entry is None or self._clock() - entry[0] >= SECONDS or entry[1].expires is None or entry[1].expires <= now:
            return None
        return entry[1]

    def put(self, token: str, caller: Caller) -> None:
        """Remember one; the oldest goes when there are too many."""
        digest = _digest(token)
        self._callers.pop(digest, None)
        self._callers[digest] = (self._clock(), caller)
        while len(self._callers) > CAPACITY:
            self._callers.popitem(last=False)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
