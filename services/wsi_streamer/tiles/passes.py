"""Who was let in a moment ago, and until when nobody has to be asked again."""

from __future__ import annotations

from wsi_streamer.access.audit.viewing import Viewing
from wsi_streamer.tiles.context import Admitted
from wsi_streamer.tiles.lru import Lru

MAX_PASSES = 8_192

REVOCABLE_SECONDS = 30
"""For how long a right that may be revoked counts without asking again. With what an edge remembers (30 s) and a browser keeps
(240 s) that makes 300 s until a revoked right opens nothing any more; mostly it is a second, since workers are told."""

Right = tuple[str | bytes, ...]
"""What a request shows in its URL: its slide, and the credentials there."""

Shown = tuple[str, bytes, bytes, bytes] | None
"""What it shows beside that: peer, X-Forwarded-For, Authorization, Cookie; None while access is open."""


class Pass:
    """The right to the tiles of one slide. Ends with its time, with its viewing session, or with all others when a grant
    is revoked."""

    __slots__ = ("until", "viewing")

    def __init__(self, until: float, viewing: Viewing) -> None:
        self.until = until
        self.viewing = viewing


class Passes:
    """By what was shown, to the byte: whatever differs is checked in full."""

    def __init__(self) -> None:
        self._passes: Lru[tuple[Right, Shown], Pass] = Lru(MAX_PASSES)
        self.generation = 0
        """Of rights: who was let in under an earlier one is asked again."""

    def find(self, right: Right, shown: Shown, now: float) -> Pass | None:
        """One that counts now."""
        found = self._passes.get((right, shown))
        if found is None or int(now) > found.until or found.viewing.closed:
            return None
        return found

    def give(
        self, right: Right, shown: Shown, admitted: Admitted, viewing: Viewing, *, generation: int, since: float
    ) -> None:
        """One was let in, ``since`` (unix seconds) and under a ``generation``; nothing where that is over."""
        if generation != self.generation:
            return
        caller = admitted.caller
        until = float("inf") if caller.expires is None else caller.expires
        if caller.revocable:
            until = min(until, since + REVOCABLE_SECONDS)
        self._passes.put((right, shown), Pass(until, viewing))

    def forget(self) -> None:
        """Some right was revoked: all are asked again."""
        self.generation += 1
        self._passes.clear()
