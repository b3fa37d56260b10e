"""What a JPEG stream says of itself before its first entropy-coded byte."""

from __future__ import annotations

from dataclasses import dataclass

PEEK = 2 << 10
"""Bytes of a tile read at first; headers of tiles with tables in the TIFF have some 60, whole ones 600."""

PEEK_MORE = 128 << 10
"""Bytes read where that was not enough: an EXIF or ICC segment has up to 64 kB."""

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})


class NotJpeg(ValueError):
    """The bytes are not a JPEG stream."""


class CutOff(NotJpeg):
    """The bytes end before the headers do."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """The markers of one stream."""

    sof: int
    """Marker of its frame: 0xC0 baseline, 0xC1 extended, 0xC2 progressive, 0xC3 lossless, from 0xC9 arithmetic."""

    precision: int
    """Bits a sample."""

    width: int
    """Pixels."""

    height: int
    """Pixels; 0 where a DNL segment gives them later."""

    ids: bytes
    """The components' ids, one byte each."""

    sampling: tuple[tuple[int, int], ...]
    """Horizontal and vertical sampling factors of each component."""

    jfif: bool
    adobe: int | None
    """The transform of an Adobe APP14: 0 RGB or CMYK, 1 YCbCr, 2 YCCK."""

    @property
    def components(self) -> int:
        """How many."""
        return len(self.ids)

    @property
    def marked(self) -> bool:
        """Whether the stream says by itself what its components are."""
        return self.jfif or self.adobe is not None

    @property
    def subsampled(self) -> bool:
        """Whether the components differ in resolution, as only luma and chroma do."""
        return len(set(self.sampling)) > 1

    @property
    def shown_by_browsers(self) -> bool:
        """8 bits, Huffman-coded, sequential or progressive, grey or three components."""
        return self.sof in (0xC0, 0xC1, 0xC2) and self.precision == 8 and self.components in (1, 3)


def read_jpeg_header(data: bytes) -> JpegHeader:
    """Walk the markers from SOI to the first SOS.

    Raises:
        CutOff: ``data`` ends before SOS.
        NotJpeg: it is something else, or damaged.
    """
    if data[:2] != b"\xff\xd8":
        raise NotJpeg("no SOI")
    at = 2
    jfif = False
    adobe: int | None = None
    frame: tuple[int, bytes] | None = None
    while True:
        marker, at = _next_marker(data, at)
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            raise NotJpeg("ends before a picture")
        segment = _segment(data, at)
        at += 2 + len(segment)
        if marker == 0xE0 and segment[:5] == b"JFIF\0":
            jfif = True
        elif marker == 0xEE and segment[:5] == b"Adobe" and len(segment) >= 12:
            adobe = segment[11]
        elif marker in _SOF:
            frame = (marker, segment)
        elif marker == _SOS:
            if frame is None:
                raise NotJpeg("no frame before its scan")
            return _header(*frame, jfif, adobe)


def clean_tables(tables: bytes) -> bytes:
    """The segments of a JPEGTables value without SOI and EOI, whatever garbage surrounds or doubles them.

    Only tables (DQT, DHT, DAC, DRI) and an APP14, which says what the components are, are kept.
    """
    kept: list[bytes] = []
    at = 0
    while at < len(tables):
        try:
            marker, start = _next_marker(tables, at)
            if marker in _STANDALONE or marker == _EOI:
                at = start
                continue
            segment = _segment(tables, start)
        except NotJpeg:
            break
        at = start + 2 + len(segment)
        if marker in (0xDB, 0xC4, 0xCC, 0xDD, 0xEE):
            whole = b"\xff" + bytes([marker]) + tables[start:at]
            if whole not in kept:
                kept.append(whole)
    return b"".join(kept)


def tables_adobe(tables: bytes) -> int | None:
    """The Adobe transform that cleaned ``tables`` carry, if they do."""
    at = tables.find(b"\xff\xee\x00\x0eAdobe")
    return tables[at + 15] if 0 <= at < len(tables) - 15 else None


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at ``at`` or after the fill bytes or garbage there, and where its segment begins."""
    start = at
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise CutOff("no further marker")
        if at - start > 4096:
            raise NotJpeg("garbage between markers")
        if data[at + 1] not in (0x00, 0xFF):
            return data[at + 1], at + 2
        at += 1


def _segment(data: bytes, at: int) -> bytes:
    length = int.from_bytes(data[at : at + 2], "big")
    if len(data) < at + 2 or len(data) < at + length:
        raise CutOff("a segment is cut off")
    if length < 2:
        raise NotJpeg("a segment without length")
    return data[at + 2 : at + length]


def _header(sof: int, frame: bytes, jfif: bool, adobe: int | None) -> JpegHeader:
    if len(frame) < 6 or len(frame) < 6 + 3 * frame[5]:
        raise NotJpeg("a frame header that is too short")
    parts = [frame[6 + 3 * i : 9 + 3 * i] for i in range(frame[5])]
    return JpegHeader(
        sof=sof,
        precision=frame[0],
        height=int.from_bytes(frame[1:3], "big"),
        width=int.from_bytes(frame[3:5], "big"),
        ids=bytes(part[0] for part in parts),
        sampling=tuple((part[1] >> 4, part[1] & 15) for part in parts),
        jfif=jfif,
        adobe=adobe,
    )
