"""A file object over ranged reads that makes few of them."""

from __future__ import annotations

import io
import os

from wsi_streamer.formats.errors import Broken
from wsi_streamer.formats.reader import RangeReader

FIRST_READ = 64 << 10
"""Bytes read ahead at a place not read before; the IFD and the short values of most slides are in them."""

LARGEST_READ = 1 << 20
"""Reading on from the end of a block doubles the read-ahead up to this."""

LOOK_BEHIND = 8 << 10
"""Bytes read before a new place: most writers put an IFD right behind its last tile, whose header is wanted too."""

MAX_TOTAL = 448 << 20
"""Bytes one parse may read: twice over the tile tables of the largest slide that is served."""


class RangedFile(io.BufferedIOBase):
    """Read only, seekable, kept in blocks that never overlap.

    Args:
        reader: the object.
    """

    def __init__(self, reader: RangeReader) -> None:
        super().__init__()
        self._reader = reader
        self._blocks: dict[int, bytes] = {}
        self._ahead = FIRST_READ
        self._position = 0
        self.size = reader.size
        self.reads = 0
        self.bytes_read = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """As files do; positions beyond the end read as empty."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to the end of the object."""
        length = self.size - self._position if size is None or size < 0 else size
        data = self.read_at(self._position, length)
        self._position += len(data)
        return data

    def readinto(self, buffer: object, /) -> int:
        """For the libraries that read into their own memory."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to ``length`` bytes, short only at the object's end.

        Raises:
            Broken: one parse asked for more bytes than any sound slide needs.
        """
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        held = self._held(offset, end)
        if held is not None:
            return held
        before = self._block_at(offset)
        if before is None:
            self._ahead = FIRST_READ
            start = max(0, offset - LOOK_BEHIND)
        else:
            self._ahead = min(self._ahead * 2, LARGEST_READ)
            start = before + len(self._blocks[before])
        self.fetch(start, max(end, offset + self._ahead))
        data = self._held(offset, end)
        if data is None:
            raise Broken("The file could not be read.")
        return data

    def peek(self, offset: int, length: int) -> bytes:
        """Like `read_at`, but a range that is not held is read exactly, nothing ahead of it."""
        end = min(offset + length, self.size)
        held = self._held(offset, end)
        if held is None:
            self.fetch(offset, end)
            held = self._held(offset, end)
        return held or b""

    def holds(self, offset: int, length: int) -> bool:
        """Whether a range needs no read."""
        return self._held(offset, min(offset + length, self.size)) is not None

    def fetch(self, start: int, end: int) -> None:
        """Have ``start`` to ``end`` in one block, in one read of what is missing in front of, in or behind it."""
        start, end = max(0, start), min(end, self.size)
        parts: list[tuple[int, bytes]] = []
        for begin, block in sorted(self._blocks.items()):
            if begin <= end and start <= begin + len(block):
                parts.append((begin, block))
        low, high = start, end
        if parts and parts[0][0] <= low:
            low = parts[0][0] + len(parts[0][1])
        if parts and parts[-1][0] < high <= parts[-1][0] + len(parts[-1][1]) and parts[-1][0] >= low:
            high = parts[-1][0]
        if low >= high:
            return
        if self.bytes_read + high - low > MAX_TOTAL:
            raise Broken(f"Its headers take more than {MAX_TOTAL >> 20} MB to read.")
        data = self._reader.read(low, high - low)
        if len(data) != high - low:
            raise Broken("The file is shorter than its size says.")
        self.reads += 1
        self.bytes_read += len(data)
        head = b""
        first = low
        for begin, block in parts:
            if begin < low:
                first, head = begin, block[: low - begin]
        tail = b""
        for begin, block in parts:
            if begin + len(block) > high:
                tail = block[max(0, high - begin) :]
        for begin, _ in parts:
            del self._blocks[begin]
        self._blocks[first] = head + data + tail

    def _block_at(self, offset: int) -> int | None:
        """The block that holds ``offset`` or ends right before it."""
        for begin, block in self._blocks.items():
            if begin <= offset <= begin + len(block):
                return begin
        return None

    def _held(self, offset: int, end: int) -> bytes | None:
        for begin, block in self._blocks.items():
            if begin <= offset and end <= begin + len(block):
                return block[offset - begin : end - begin]
        return None
