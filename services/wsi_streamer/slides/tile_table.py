"""Where each tile of a level stands in its object: the heart of the design (a slide is a table of byte ranges)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

_OFFSET = struct.Struct("<Q")
_COUNT = struct.Struct("<I")

SLICE_TILES = 4096
"""Entries a slice: workers read tables in slices of 48 kB, never whole."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """``length`` bytes of an object from ``offset`` on; a length of 0 is a sparse tile."""

    offset: int
    length: int

    @property
    def end(self) -> int:
        """The first byte after the range."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class TileTable:
    """Packed byte ranges of a level's tiles, or of the slice of them that starts at entry ``first``.

    Entry of tile (x, y) in plane p, range r: ``((p * tiles_y + y) * tiles_x + x) * ranges + r``.
    """

    offsets: bytes
    """Little-endian u64 each: first byte in the object."""

    counts: bytes
    """Little-endian u32 each: length in bytes; 0 is a sparse tile, whatever the offset."""

    first: int = 0

    def __len__(self) -> int:
        return len(self.counts) // _COUNT.size

    def range_at(self, entry: int) -> ByteRange:
        """The byte range of one entry, counted from the start of the whole table.

        Raises:
            IndexError: the entry is not in this slice.
        """
        i = entry - self.first
        if not 0 <= i < len(self):
            raise IndexError(f"entry {entry} is not in the {len(self)} entries from {self.first}")
        return ByteRange(_OFFSET.unpack_from(self.offsets, i * 8)[0], _COUNT.unpack_from(self.counts, i * 4)[0])

    def stored_bytes(self) -> int:
        """Of all tiles in it together."""
        return sum(struct.unpack(f"<{len(self)}I", self.counts))

    @classmethod
    def pack(cls, ranges: Iterable[tuple[int, int]]) -> TileTable:
        """From (offset, length) pairs.

        Raises:
            struct.error: an offset beyond 64 bits or a length beyond 32.
        """
        pairs = list(ranges)
        return cls(
            offsets=struct.pack(f"<{len(pairs)}Q", *(offset for offset, _ in pairs)),
            counts=struct.pack(f"<{len(pairs)}I", *(length for _, length in pairs)),
        )
