"""A file object over ranged reads that makes few of them."""

from __future__ import annotations

import io
import os

from wsi_streamer.formats.errors import Broken
from wsi_streamer.formats.reader import RangeReader

FIRST_READ = 64 << 10
"""Bytes read ahead at a place not read before; the IFD and the short values of most slides are in them."""

TAIL = 256 << 10
"""A read that ends so near the object's end goes on to it: the small images' directories stand there one behind the other,
and each would be a read of its own."""

LARGEST_READ = 1 << 20
"""Reading on from the end of a block doubles the read-ahead up to this."""

LOOK_BEHIND = 8 << 10
"""Bytes read before a new place: most writers put an IFD right behind its last tile, whose header is wanted too."""

MAX_TOTAL = 256 << 20
"""Bytes one parse may read: more than the tile tables of the largest slide that is served."""


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
        until = max(end, offset + self._ahead)
        self.fetch(start, self.size if self.size - until <= TAIL else until)
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
        """Have ``start`` to ``end`` in one block, in one read of what is missing behind the block before and in front
        of the block after."""
        start, end = max(0, start), min(end, self.size)
        touching = sorted((b, data) for b, data in self._blocks.items() if b <= end and start <= b + len(data))
        head = next(((b, data) for b, data in touching[:1] if b <= start), (start, b""))
        tail = next(((b, data) for b, data in touching[-1:] if b > start and b + len(data) >= end), (end, b""))
        low, high = head[0] + len(head[1]), tail[0]
        if low >= high:
            return
        data = self._load(low, high - low)
        for begin, _ in touching:
            del self._blocks[begin]
        self._blocks[head[0]] = b"".join((head[1], data, tail[1]))

    def _load(self, offset: int, length: int) -> bytes:
        if self.bytes_read + length > MAX_TOTAL:
            raise Broken(f"Its headers take more than {MAX_TOTAL >> 20} MB to read.")
        data = self._reader.read(offset, length)
        if len(data) != length:
            raise Broken("The file is shorter than its size says.")
        self.reads += 1
        self.bytes_read += length
        return data

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
