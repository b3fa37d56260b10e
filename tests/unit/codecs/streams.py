"""Pictures, and JPEG streams of them with or without what splicing adds."""

from __future__ import annotations

import imagecodecs
import numpy as np
import numpy.typing as npt

from wsi_streamer.codecs.splice import splice
from wsi_streamer.slides.recipe import Recipe

Pixels = npt.NDArray[np.uint8]

JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
"""Without its last byte, the transform."""


def field(height: int = 64, width: int = 64) -> Pixels:
    """Smooth colours, as tissue has them."""
    y, x = np.mgrid[0:height, 0:width]
    planes = 150 + 80 * np.sin(x / 14), 100 + 60 * np.cos(y / 11), 160 + 70 * np.sin((x + y) / 17)
    return np.stack(planes, -1).astype(np.uint8)


def difference(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Mean absolute difference."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def segments(stream: bytes) -> list[tuple[int, bytes]]:
    """(marker, whole segment) up to the scan header, which is the last."""
    found, at = [], 2
    while True:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        found.append((stream[at + 1], stream[at:end]))
        if stream[at + 1] == 0xDA:
            return found
        at = end


def stripped(stream: bytes, *, tables: bool = True) -> tuple[bytes, bytes]:
    """(its tables, the rest): the stream without APPn segments, and without tables if these are to be apart."""
    apart = b"".join(s for marker, s in segments(stream) if marker in (0xDB, 0xC4)) if tables else b""
    kept = [
        s for marker, s in segments(stream) if not 0xE0 <= marker <= 0xEF and not (tables and marker in (0xDB, 0xC4))
    ]
    end = 2 + sum(len(s) for _, s in segments(stream))
    return apart, b"\xff\xd8" + b"".join(kept) + stream[end:]


def encoded(pixels: Pixels, *, rgb: bool, subsampling: str = "444") -> bytes:
    """A whole stream, R, G, B or YCbCr."""
    space = {"colorspace": "RGB", "outcolorspace": "RGB"} if rgb else {"subsampling": subsampling}
    return bytes(imagecodecs.jpeg8_encode(pixels, level=95, **space))


def shown(recipe: Recipe, stored: bytes) -> Pixels:
    """What libjpeg, and so a browser, makes of the spliced stream on its own."""
    return np.asarray(imagecodecs.jpeg8_decode(splice(recipe, stored)))
