"""What one caller has seen of one slide since it began to look: counts in memory, on the tile's hot path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_KINDS = 16
"""Kinds of pictures that are told apart."""

MAX_ADDRESSES = 16
"""Client addresses of one session that are kept."""


class Viewing:
    """A viewing session, as this process sees it. Not frozen: it is a counter, used by one event loop."""

    __slots__ = ("_levels", "_others", "addresses", "began", "closed", "last", "session")

    def __init__(self, session: str, began: float, address: str = "") -> None:
        self.session = session
        self.began = began
        """Unix seconds."""
        self.last = began
        """Unix seconds of the latest picture."""
        self.closed = False
        """Whether it has ended: ask for another one."""
        self.addresses: dict[str, None] = {address: None} if address else {}
        self._levels: dict[int, list[int]] = {}  # tiles, then the first and last column and row of them
        self._others: dict[str, int] = {}

    def tile(self, level: int, x: int, y: int, now: float) -> None:
        """A tile has gone out: level 0 is the finest, ``x`` and ``y`` count tiles, ``now`` is unix seconds."""
        self.last = now
        seen = self._levels.get(level)
        if seen is None:
            self._levels[level] = [1, x, x, y, y]
            return
        seen[0] += 1
        if x < seen[1]:
            seen[1] = x
        elif x > seen[2]:
            seen[2] = x
        if y < seen[3]:
            seen[3] = y
        elif y > seen[4]:
            seen[4] = y

    def picture(self, what: str, now: float) -> None:
        """Another view of the slide has gone out: "thumbnail", "deep-zoom", "metadata", …"""
        self.last = now
        if what in self._others or len(self._others) < MAX_KINDS:
            self._others[what] = self._others.get(what, 0) + 1

    def come_from(self, address: str) -> None:
        """The caller asks from this address too."""
        if address and len(self.addresses) < MAX_ADDRESSES:
            self.addresses.setdefault(address)

    def seen(self) -> Mapping[str, Any]:
        """All of it so far, for a record: tiles by level with the rectangle (columns and rows, both ends included) that
        bounds them, the finest level, and the other pictures by kind."""
        found: dict[str, Any] = {}
        if self._levels:
            found["tiles"] = {
                str(level): {"count": count, "x": [left, right], "y": [top, bottom]}
                for level, (count, left, right, top, bottom) in sorted(self._levels.items())
            }
            found["finest_level"] = min(self._levels)
        if self._others:
            found["pictures"] = dict(sorted(self._others.items()))
        return found
