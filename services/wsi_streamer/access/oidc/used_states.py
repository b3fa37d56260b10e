"""Sign-ins whose answer has come: a code is exchanged once, however often a browser sends it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from wsi_streamer.access.oidc.sign_in import SECONDS
from wsi_streamer.slides.errors import Unauthorized

CAPACITY = 10_000
"""Remembered at most. To push one out another 10,000 sign-ins must be begun and answered within `SECONDS`."""


class UsedStates:
    """Of one worker. By a digest, so that no state stays in memory; bounded in entries and in age.

    Args:
        now: unix seconds, as sign-ins end by them.
    """

    def __init__(self, now: Callable[[], float], capacity: int = CAPACITY) -> None:
        self._now = now
        self._capacity = capacity
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._until)

    def check(self, state: str) -> None:
        """Use one, which has been begun here at most `SECONDS` ago.

        Raises:
            Unauthorized: it has been used.
        """
        now = self._now()
        while self._until and next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)
        used_as = hashlib.sha256(state.encode("utf-8", "surrogatepass")).digest()
        if used_as in self._until:
            raise Unauthorized("This sign-in has been used before. Please try again.")
        self._until[used_as] = now + SECONDS
        while len(self._until) > self._capacity:
            self._until.popitem(last=False)
