"""A TIFF's directories: classic or BigTIFF, either byte order, chains and SubIFDs."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, cast

from tifffile import TIFF, FileHandle
from tifffile.tifffile import TiffFormat

from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.ifd import MAX_TABLE_BYTES, MAX_VALUE_BYTES, Entry, Ifd
from wsi_streamer.formats.ranged_file import RangedFile
from wsi_streamer.formats.tiff_source import TiffSource

MAX_IFDS = 512
"""Directories a file may have; pyramids with all their masks have some tens."""

MAX_TAGS = 1024
"""Tags a directory may have."""

MAX_DEPTH = 3
"""SubIFDs of SubIFDs."""

_SUB_IFDS = 330

# What each level's parse will want: planned into one read where the values stand together.
_WANTED = (258, 270, 273, 279, 305, 306, 320, 324, 325, 330, 338, 347)
_JOIN_GAP = 128 << 10

_FORMATS: dict[bytes, TiffFormat] = {
    b"II\x2a\x00": TIFF.CLASSIC_LE,
    b"MM\x00\x2a": TIFF.CLASSIC_BE,
    b"II\x2b\x00\x08\x00\x00\x00": TIFF.BIG_LE,
    b"MM\x00\x2b\x00\x08\x00\x00": TIFF.BIG_BE,
}


def is_tiff(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a TIFF."""
    return head[:4] in (b"II\x2a\x00", b"MM\x00\x2a", b"II\x2b\x00", b"MM\x00\x2b")


def directories(file: RangedFile) -> Iterator[Ifd]:
    """The directories of the main chain, each with its SubIFDs, in file order, each read when it is asked for.

    Raises:
        Broken: a directory is not in the file, or the chain loops.
        Unsupported: more directories than any slide has.
    """
    head = file.read_at(0, 16)
    tiff = next((f for magic, f in _FORMATS.items() if head.startswith(magic)), None)
    if tiff is None:
        raise Broken("Its TIFF header is damaged.")
    source = TiffSource(tiff, FileHandle(cast(BinaryIO, file), name="object", size=file.size), file)
    start = tiff.offsetsize
    (first,) = struct.unpack(tiff.offsetformat, head[start : start + tiff.offsetsize].ljust(tiff.offsetsize, b"\0"))
    if first == 0:
        raise Broken("It has no image: the file was never finished.")
    yield from _Walk(source).chain(first, ())


class _Walk:
    """One pass over a file's directories, which remembers where it has been."""

    def __init__(self, source: TiffSource) -> None:
        self._source = source
        self._seen: set[int] = set()

    def chain(self, first: int, path: tuple[int, ...]) -> Iterator[Ifd]:
        """The directories from ``first`` on."""
        offset, index = first, 0
        while offset:
            ifd, offset = self._directory(offset, (*path, index))
            yield ifd
            index += 1

    def _directory(self, offset: int, path: tuple[int, ...]) -> tuple[Ifd, int]:
        """The directory at ``offset``, its children, and the next one's offset (0: none)."""
        tiff, file = self._source.tiff, self._source.file
        name = "Image " + ".".join(str(i + 1) for i in path)
        if offset in self._seen:
            raise Broken(f"{name}: its directory was read before, the chain of images loops.")
        if len(self._seen) >= MAX_IFDS:
            raise Unsupported(f"It has more than {MAX_IFDS} images, which no slide has: a stack or a series.")
        self._seen.add(offset)
        head = file.read_at(offset, tiff.tagnosize)
        if offset < 8 or len(head) < tiff.tagnosize:
            raise Broken(f"{name}: its directory lies beyond the end of the file, which seems to be truncated.")
        (count,) = struct.unpack(tiff.tagnoformat, head)
        if not 0 < count <= MAX_TAGS:
            raise Broken(f"{name}: its directory claims {count} tags.")
        length = count * tiff.tagsize
        body = file.read_at(offset + tiff.tagnosize, length + tiff.offsetsize)
        if len(body) < length:
            raise Broken(f"{name}: its directory is cut off at the end of the file.")
        entries = self._entries(body[:length], offset + tiff.tagnosize)
        self._prefetch(entries)
        ifd = Ifd(path, entries, self._source)
        children = self._children(ifd) if _SUB_IFDS in entries and len(path) < MAX_DEPTH else ()
        # A file that ends where the last directory's link should be is complete for our purpose.
        (following,) = struct.unpack(tiff.offsetformat, body[length:].ljust(tiff.offsetsize, b"\0"))
        return Ifd(path, entries, self._source, children), following

    def _children(self, ifd: Ifd) -> tuple[Ifd, ...]:
        children: list[Ifd] = []
        offsets = ifd.numbers(_SUB_IFDS)
        if len(offsets) > MAX_IFDS:
            raise Broken(f"{ifd}: it claims {len(offsets)} smaller images.")
        for index, offset in enumerate(offsets):
            if offset == 0:
                continue
            # A SubIFD may head a chain of its own, but no writer of slides makes one: only the heads are read.
            child, _ = self._directory(offset, (*ifd.path, index))
            children.append(child)
        return tuple(children)

    def _entries(self, body: bytes, start: int) -> dict[int, Entry]:
        tiff = self._source.tiff
        entries: dict[int, Entry] = {}
        for at in range(0, len(body), tiff.tagsize):
            raw = body[at : at + tiff.tagsize]
            code, dtype, count, inline = struct.unpack(tiff.tagheaderformat, raw)
            size = _TYPE_BYTES.get(dtype, 0) * count
            if size > tiff.tagoffsetthreshold:
                (where,) = struct.unpack(tiff.offsetformat, inline)
            else:
                where = start + at + tiff.tagsize - tiff.tagoffsetthreshold
            entries.setdefault(code, Entry(start + at, raw, dtype, count, where, size))
        return entries

    def _prefetch(self, entries: dict[int, Entry]) -> None:
        """Read the values that will be asked for in as few reads as there are places."""
        file = self._source.file
        spans = sorted(
            (entry.value_offset, entry.value_offset + entry.value_bytes)
            for code, entry in entries.items()
            if code in _WANTED
            and entry.value_bytes <= (MAX_TABLE_BYTES if code in (273, 279, 324, 325) else MAX_VALUE_BYTES)
            and 0 < entry.value_offset < entry.value_offset + entry.value_bytes <= file.size
        )
        spans = [(a, b) for a, b in spans if not file.holds(a, b - a)]
        while spans:
            start, end = spans.pop(0)
            while spans and spans[0][0] - end <= _JOIN_GAP:
                end = max(end, spans.pop(0)[1])
            file.fetch(start, end)


_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
