"""One image file directory: what it says, read only as far as it is asked."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from tifffile import TiffFile, TiffTag
from tifffile.tifffile import TiffFileError

from wsi_streamer.formats.errors import Broken
from wsi_streamer.formats.tiff_source import TiffSource

MAX_VALUE_BYTES = 32 << 20
"""Longest value of a tag that is not a tile table: OME-XML of several MB exists."""

MAX_TABLE_BYTES = 64 << 20
"""Longest tile table column: 8 million tiles."""

_ARRAY_TYPES = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag as it stands in the directory."""

    offset: int
    """Where its 12 or 20 bytes stand in the file."""

    raw: bytes
    dtype: int
    count: int
    value_offset: int
    """Where its value stands, inline or not."""

    value_bytes: int


@dataclass(frozen=True, slots=True)
class Ifd:
    """A directory and its children. Numbers are those of the file: nothing is guessed here but TIFF's defaults."""

    path: tuple[int, ...]
    """Its place: (3,) is the fourth of the main chain, (0, 1) the second SubIFD of the first."""

    entries: Mapping[int, Entry]
    source: TiffSource
    children: tuple[Ifd, ...] = field(default=())

    def __contains__(self, code: int) -> bool:
        return code in self.entries

    def value(self, code: int) -> Any:
        """A tag's value as tifffile decodes it, None where the tag is missing.

        Raises:
            Broken: the tag is damaged, or its value is absurdly long.
        """
        entry = self.entries.get(code)
        if entry is None:
            return None
        if entry.value_bytes > MAX_VALUE_BYTES:
            raise Broken(f"{self}: tag {code} claims {entry.value_bytes} bytes.")
        try:
            return TiffTag.fromfile(cast(TiffFile, self.source), offset=entry.offset, header=entry.raw).value
        except (TiffFileError, struct.error, ValueError, ArithmeticError, LookupError) as error:
            raise Broken(f"{self}: tag {code} is damaged.") from error

    def number(self, code: int, default: int) -> int:
        """A tag's only, or first, whole number."""
        numbers = self.numbers(code)
        return numbers[0] if numbers else default

    def numbers(self, code: int) -> tuple[int, ...]:
        """A tag's whole numbers; empty where it is missing.

        Raises:
            Broken: it holds something else.
        """
        value = self.value(code)
        if value is None:
            return ()
        try:
            if isinstance(value, bytes):
                return tuple(value)
            if isinstance(value, tuple | list | np.ndarray):
                return tuple(int(v) for v in value)
            return (int(value),)
        except (TypeError, ValueError) as error:
            raise Broken(f"{self}: tag {code} is not a number.") from error

    def text(self, code: int) -> str:
        """A descriptive tag's text; empty where it is missing or unreadable, for nothing depends on it."""
        try:
            value = self.value(code)
        except Broken:
            return ""
        if isinstance(value, bytes):
            return value.rstrip(b"\0").decode("utf-8", "replace")
        return value if isinstance(value, str) else ""

    def raw(self, code: int) -> bytes:
        """A tag's bytes as stored; empty where it is missing.

        Raises:
            Broken: they are not in the file.
        """
        entry = self.entries.get(code)
        if entry is None:
            return b""
        if entry.value_bytes > MAX_VALUE_BYTES or entry.value_offset + entry.value_bytes > self.source.file.size:
            raise Broken(f"{self}: tag {code} is damaged.")
        return self.source.file.read_at(entry.value_offset, entry.value_bytes)

    def array(self, code: int, limit: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """The first ``limit`` numbers of a long table; empty where it is missing.

        Raises:
            Broken: it is not in the file, or too long to be true.
        """
        entry = self.entries.get(code)
        if entry is None:
            return np.zeros(0, np.uint64)
        kind = _ARRAY_TYPES.get(entry.dtype)
        if kind is None:
            raise Broken(f"{self}: tag {code} has type {entry.dtype}, which no tile table has.")
        dtype = np.dtype(self.source.tiff.byteorder + kind)
        count = min(entry.count, limit)
        length = count * dtype.itemsize
        if length > MAX_TABLE_BYTES or entry.value_offset + length > self.source.file.size:
            raise Broken(f"{self}: its tile table of {entry.count} entries is longer than the file.")
        data = self.source.file.read_at(entry.value_offset, length)
        return np.frombuffer(data, dtype).astype(np.uint64)

    def __str__(self) -> str:
        return "Image " + ".".join(str(i + 1) for i in self.path)

    # The numbers that all images have.

    @property
    def width(self) -> int:
        """Pixels; 0 where missing."""
        return self.number(256, 0)

    @property
    def height(self) -> int:
        """Pixels; 0 where missing."""
        return self.number(257, 0)

    @property
    def is_tiled(self) -> bool:
        """Whether its pixels are stored in tiles, not strips."""
        return 322 in self.entries and (324 in self.entries or 273 in self.entries)

    @property
    def tile_width(self) -> int:
        """Pixels; of a striped image its width."""
        return self.number(322, 0) if self.is_tiled else self.width

    @property
    def tile_height(self) -> int:
        """Pixels; of a striped image the rows of a strip."""
        if self.is_tiled:
            return self.number(323, 0)
        rows = self.number(278, self.height)
        return min(rows, self.height) if rows else self.height

    @property
    def subfile_type(self) -> int:
        """NewSubfileType: 1 reduced, 2 page, 4 mask; Aperio says 9 for a macro."""
        old = {2: 1, 3: 2}.get(self.number(255, 0), 0)
        return self.number(254, old)

    @property
    def compression(self) -> int:
        """The tag's number."""
        return self.number(259, 1)

    @property
    def photometric(self) -> int:
        """The tag's number; -1 where missing."""
        return self.number(262, -1)

    @property
    def samples(self) -> int:
        """Samples a pixel."""
        return self.number(277, 1)

    @property
    def bits(self) -> tuple[int, ...]:
        """Bits of each sample."""
        return self.numbers(258) or (1,)

    @property
    def planar(self) -> bool:
        """Whether each sample is stored as an image of its own."""
        return self.number(284, 1) == 2

    @property
    def description(self) -> str:
        """ImageDescription."""
        return self.text(270)

    @property
    def is_mask(self) -> bool:
        """A transparency mask: never a level, never a picture."""
        return bool(self.subfile_type & 4) or self.photometric == 4
