"""JPEG as Aperio writes it: R, G, B without a word of it, the tables in the TIFF."""

from __future__ import annotations

import imagecodecs
import numpy as np
import numpy.typing as npt

QUALITY = 70
_TABLES = (0xDB, 0xC4)
_APP14, _SOF0, _SOS = 0xEE, 0xC0, 0xDA


def encode_rgb(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A tile without tables and markers, its components named 0, 1, 2."""
    return _split(_whole(pixels))[1]


def shared_tables() -> bytes:
    """The value of JPEGTables that goes with `encode_rgb`."""
    return _split(_whole(np.zeros((16, 16, 3), np.uint8)))[0]


def _whole(pixels: npt.NDArray[np.uint8]) -> bytes:
    return bytes(
        imagecodecs.jpeg8_encode(
            np.ascontiguousarray(pixels), level=QUALITY, colorspace="RGB", outcolorspace="RGB", optimize=False
        )
    )


def _split(stream: bytes) -> tuple[bytes, bytes]:
    tables, tile = b"\xff\xd8", b"\xff\xd8"
    at = 2
    while True:
        marker, end = stream[at + 1], at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        segment = bytearray(stream[at:end])
        if marker in _TABLES:
            tables += segment
        elif marker == _SOF0:
            for i in range(3):
                segment[10 + 3 * i] = i
            tile += segment
        elif marker == _SOS:
            for i in range(3):
                segment[5 + 2 * i] = i
            return tables + b"\xff\xd9", tile + bytes(segment) + stream[end:]
        elif marker != _APP14:
            tile += segment
        at = end
