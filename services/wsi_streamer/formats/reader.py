"""Where the parser's bytes come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class RangeReader(Protocol):
    """An object of known size that is read in ranges. Synchronous: it is used in the parser's own process."""

    @property
    def size(self) -> int:
        """Bytes of the object."""

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``offset``; the range lies within the object."""


@dataclass(frozen=True, slots=True)
class BytesReader:
    """An object held in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """Bytes of the object."""
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """A slice."""
        return self.data[offset : offset + length]
