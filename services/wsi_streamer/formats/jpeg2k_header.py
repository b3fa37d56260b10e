"""What a JPEG 2000 codestream says of its components before its first tile-part."""

from __future__ import annotations

import struct
from dataclasses import dataclass

PEEK = 1 << 10
"""Bytes of a tile that hold SIZ and COD, also behind the boxes of a JP2 file."""


class NotJpeg2000(ValueError):
    """The bytes are not a JPEG 2000 codestream or file."""


@dataclass(frozen=True, slots=True)
class Jpeg2000Header:
    """SIZ and COD of one stream."""

    width: int
    """Pixels."""

    height: int
    """Pixels."""

    bits: tuple[int, ...]
    """Bits of each component; negative where they are signed."""

    subsampling: tuple[tuple[int, int], ...]
    """Horizontal and vertical step of each component on the reference grid."""

    transform: bool
    """Whether the codec turns RGB into luma and chroma by itself (COD's multiple component transformation)."""

    boxed: bool
    """A JP2 file with boxes, not a bare codestream."""

    sycc: bool
    """A JP2 file whose colour box says sYCC."""

    @property
    def components(self) -> int:
        """How many."""
        return len(self.bits)


def read_jpeg2k_header(data: bytes) -> Jpeg2000Header:
    """Find SIZ and COD.

    Raises:
        NotJpeg2000: they are not there.
    """
    boxed = data[4:12] == b"jP  \r\n\x87\n"
    start = data.find(b"\xff\x4f\xff\x51") if boxed else 0
    if start < 0 or data[start : start + 4] != b"\xff\x4f\xff\x51":
        raise NotJpeg2000("no codestream")
    colour = data.find(b"colr\x01", 0, start)
    sycc = boxed and colour >= 0 and data[colour + 7 : colour + 11] == (18).to_bytes(4, "big")
    at = start + 4
    try:
        length, _, x1, y1, x0, y0 = struct.unpack_from(">HHIIII", data, at)
        (count,) = struct.unpack_from(">H", data, at + 36)
        parts = [struct.unpack_from(">BBB", data, at + 38 + 3 * i) for i in range(count)]
        at += length
        transform = False
        while data[at : at + 2] not in (b"\xff\x90", b""):
            marker, length = struct.unpack_from(">HH", data, at)
            if marker == 0xFF52:
                transform = data[at + 8] == 1
                break
            at += 2 + length
    except (struct.error, IndexError) as error:
        raise NotJpeg2000("its headers are cut off") from error
    return Jpeg2000Header(
        width=x1 - x0,
        height=y1 - y0,
        bits=tuple((depth & 127) + 1 if depth < 128 else -((depth & 127) + 1) for depth, _, _ in parts),
        subsampling=tuple((dx, dy) for _, dx, dy in parts),
        transform=transform,
        boxed=boxed,
        sycc=sycc,
    )
