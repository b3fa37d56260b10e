"""A line in which nobody waits for all of another's."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class FairQueue(Generic[V]):
    """First in, first out for each owner, and the owners by turns."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, deque[V]] = {}
        """In the order of their turns; none is empty."""
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def put(self, owner: Hashable, item: V) -> None:
        """At the end of the owner's line."""
        self._lines.setdefault(owner, deque()).append(item)
        self._length += 1

    def take(self) -> V:
        """The first of the owner whose turn it is, who then comes last.

        Raises:
            LookupError: nobody waits.
        """
        if not self._lines:
            raise LookupError("Nobody waits.")
        owner = next(iter(self._lines))
        line = self._lines.pop(owner)
        item = line.popleft()
        if line:
            self._lines[owner] = line
        self._length -= 1
        return item

    def remove(self, owner: Hashable, item: V) -> bool:
        """Take one out of the line; whether it was there."""
        line = self._lines.get(owner)
        if line is None or item not in line:
            return False
        line.remove(item)
        if not line:
            del self._lines[owner]
        self._length -= 1
        return True
