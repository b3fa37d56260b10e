"""TIFF files made for tests: by tifffile where they are sound, byte by byte where they are not."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tifffile

SHORT, LONG, ASCII, LONG8, UNDEFINED = 3, 4, 2, 16, 7

Tag = tuple[int, int, int, bytes | int]
"""Code, type, count, and the value's bytes (placed by the builder) or a number (written as it is)."""


def picture(width: int, height: int, samples: int = 3) -> np.ndarray:
    """Smooth colours that lossy codecs keep, different everywhere."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = [127 + 90 * np.sin(x / (17 + 5 * i)) * np.cos(y / (23 + 3 * i)) for i in range(samples)]
    pixels = np.stack(planes, axis=-1).astype(np.uint8)
    return pixels[..., 0] if samples == 1 else pixels


def written(levels: Sequence[np.ndarray], *, subifds: bool = False, byteorder: str = "<", big: bool = False,
            **options: Any) -> bytes:  # fmt: skip
    """A tiled pyramid as tifffile writes it."""
    file = io.BytesIO()
    options.setdefault("tile", (64, 48 if options.get("compression") != "jpeg" else 64))
    first = {name: options.pop(name) for name in ("description", "resolution", "resolutionunit") if name in options}
    with tifffile.TiffWriter(file, bigtiff=big, byteorder=byteorder) as writer:
        for index, pixels in enumerate(levels):
            writer.write(
                pixels,
                subifds=len(levels) - 1 if subifds and index == 0 and len(levels) > 1 else None,
                subfiletype=1 if index else 0,
                metadata=None,
                **(first if index == 0 else {}),
                **options,
            )
    return file.getvalue()


@dataclass
class RawTiff:
    """A TIFF of exactly the tags given, right or wrong."""

    byteorder: str = "<"
    big: bool = False
    body: bytearray = field(default_factory=bytearray)
    ifds: list[list[Tag]] = field(default_factory=list)
    loop_to: int | None = None
    """Index of the directory that the last one links to."""
    next_offset: int | None = None
    """What the last directory links to, right or wrong."""

    def __post_init__(self) -> None:
        self.body += bytes(16)

    def data(self, data: bytes) -> int:
        """Place bytes; their offset."""
        at = len(self.body)
        self.body += data
        return at

    def numbers(self, *values: int, dtype: int = LONG) -> tuple[int, int, bytes]:
        """Type, count and bytes of some numbers."""
        return dtype, len(values), struct.pack(self.byteorder + _STRUCT[dtype] * len(values), *values)

    def image(self, width: int, height: int, tile: int, offsets: Sequence[int], counts: Sequence[int],
              extra: Sequence[Tag] = (), **tags: int) -> None:  # fmt: skip
        """A tiled 8-bit RGB image, uncompressed unless ``extra`` says otherwise."""
        own: dict[int, Tag] = {
            256: (256, *self.numbers(width)),
            257: (257, *self.numbers(height)),
            258: (258, *self.numbers(8, 8, 8, dtype=SHORT)),
            259: (259, *self.numbers(1, dtype=SHORT)),
            262: (262, *self.numbers(2, dtype=SHORT)),
            277: (277, *self.numbers(3, dtype=SHORT)),
            322: (322, *self.numbers(tile)),
            323: (323, *self.numbers(tile)),
            324: (324, *self.numbers(*offsets, dtype=LONG8 if self.big else LONG)),
            325: (325, *self.numbers(*counts)),
        }
        own |= {tag[0]: tag for tag in extra}
        self.ifds.append([own[code] for code in sorted(own)])

    def bytes(self) -> bytes:
        """The file."""
        e, offset = self.byteorder, "Q" if self.big else "I"
        links: list[int] = []
        starts: list[int] = []
        for tags in self.ifds:
            placed = []
            for code, dtype, count, value in tags:
                inline = 8 if self.big else 4
                if isinstance(value, bytes):
                    at = (
                        value.ljust(inline, b"\0")
                        if len(value) <= inline
                        else struct.pack(e + offset, self.data(value))
                    )
                else:
                    at = struct.pack(e + offset, value)
                placed.append(struct.pack(e + ("HHQ" if self.big else "HHI"), code, dtype, count) + at)
            starts.append(len(self.body))
            self.body += struct.pack(e + ("Q" if self.big else "H"), len(tags)) + b"".join(placed)
            links.append(len(self.body))
            self.body += bytes(8 if self.big else 4)
        following = [*starts[1:], 0]
        if self.loop_to is not None:
            following[-1] = starts[self.loop_to]
        if self.next_offset is not None:
            following[-1] = self.next_offset
        for link, target in zip(links, following, strict=True):
            struct.pack_into(e + offset, self.body, link, target)
        head = (b"II" if e == "<" else b"MM") + struct.pack(e + "H", 43 if self.big else 42)
        first = starts[0] if starts else 0
        head += struct.pack(e + "HHQ", 8, 0, first) if self.big else struct.pack(e + "I", first)
        self.body[: len(head)] = head
        return bytes(self.body)


_STRUCT = {SHORT: "H", LONG: "I", LONG8: "Q"}


def text(code: int, value: str) -> Tag:
    """An ASCII tag."""
    data = value.encode() + b"\0"
    return code, ASCII, len(data), data


def number(code: int, value: int, byteorder: str = "<") -> Tag:
    """A SHORT tag."""
    return code, SHORT, 1, struct.pack(byteorder + "H", value)


def plain(width: int = 64, height: int = 64, extra: Sequence[Tag] = (), **options: Any) -> bytes:
    """A sound one-level file of 32-pixel tiles with ``extra`` tags."""
    tiff = RawTiff(**options)
    count = -(-width // 32) * -(-height // 32)
    at = [tiff.data(bytes(3072)) for _ in range(count)]
    tiff.image(width, height, 32, at, [3072] * count, extra)
    return tiff.bytes()
