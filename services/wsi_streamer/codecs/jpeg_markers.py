"""The segments of a JPEG stream up to its entropy-coded data (ITU-T T.81, annex B)."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.slides.errors import DecodeError

SOI = b"\xff\xd8"
EOI = b"\xff\xd9"
_SOS = 0xDA
_EOI = 0xD9
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_COLOUR_MARKERS = {(_APP0, b"JFIF\0"), (_APP14, b"Adobe")}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

_ADOBE_SIZE = 16
"""Bytes of an Adobe segment that reaches its transform; decoders ignore a shorter one."""

_MAX_GARBAGE = 4096
"""Bytes between segments that are skipped, as decoders do."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What stands before the entropy-coded data; positions count from the start of the stream."""

    sof: int
    """Where the frame header's segment begins (its 0xFF)."""

    sos: int
    """Where the scan header's segment begins."""

    end: int
    """First byte of entropy-coded data."""

    colour_marker: bool
    """A JFIF or Adobe segment tells what the components are."""

    dropped: tuple[tuple[int, int], ...]
    """Segments no tile needs (EXIF, XMP, ICC): start and end."""

    height: int
    width: int
    components: int


def read_header(data: bytes) -> JpegHeader:
    """Walk the markers up to the scan.

    Raises:
        DecodeError: not a JPEG stream, or cut off before its scan.
    """
    if data[:2] != SOI:
        raise DecodeError("The tile is not a JPEG stream.")
    try:
        return _walk(data)
    except IndexError:
        raise DecodeError("The tile's JPEG stream is cut off.") from None


def _walk(data: bytes) -> JpegHeader:
    at, sof, colour_marker = 2, -1, False
    dropped = []
    while True:
        if data[at] != 0xFF:
            at = _after_garbage(data, at)
        marker = data[at + 1]
        if marker == 0xFF or marker in _STANDALONE:  # fill bytes, restart markers
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + (data[at + 2] << 8 | data[at + 3])
        if marker == _EOI or end > len(data) or end < at + 4:
            raise DecodeError("The tile's JPEG stream is cut off.")
        if marker == _SOS:
            break
        if marker in _SOF:
            if end < at + 10 + 3 * data[at + 9]:
                raise DecodeError("The tile's JPEG stream has a damaged frame header.")
            sof = at
        elif marker in (_APP1, _APP2):
            dropped.append((at, end))
        elif (marker, data[at + 4 : at + 9]) in _COLOUR_MARKERS:
            colour_marker |= marker == _APP0 or end - at >= _ADOBE_SIZE
        at = end
    if sof < 0:
        raise DecodeError("The tile's JPEG stream has no frame header.")
    if end < at + 5 + 2 * data[at + 4]:
        raise DecodeError("The tile's JPEG stream has a damaged scan header.")
    return JpegHeader(
        sof=sof,
        sos=at,
        end=end,
        colour_marker=colour_marker,
        dropped=tuple(dropped),
        height=data[sof + 5] << 8 | data[sof + 6],
        width=data[sof + 7] << 8 | data[sof + 8],
        components=data[sof + 9],
    )


def _after_garbage(data: bytes, at: int) -> int:
    """Where the next marker begins."""
    found = data.find(b"\xff", at, at + _MAX_GARBAGE)
    if found < 0:
        raise DecodeError("The tile's JPEG stream is damaged.")
    return found
