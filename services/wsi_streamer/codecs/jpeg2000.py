"""JPEG 2000 tiles: raw codestreams or JP2 files (ITU-T T.800)."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image

from wsi_streamer.slides.errors import DecodeError

_SOC_SIZ = b"\xff\x4f\xff\x51"
_COMPONENTS = 42
"""Where SIZ lists the components of a raw codestream: precision and both sampling steps, a byte each."""
_MAX_COMPONENTS = 4
_JP2_SIGNATURE = b"jP  \r\n\x87\n"
_COD = 0xFF52
_SOT = 0xFF90


def decode_jpeg2000(stored: bytes, *, ycbcr: bool, max_pixels: int) -> npt.NDArray[np.uint8]:
    """(height, width[, samples]). ``ycbcr``: the components are YCbCr unless the codec's own transform says otherwise.

    Raises:
        DecodeError: damaged, or larger than ``max_pixels``.
    """
    start = _codestream(stored)
    if stored[start : start + 4] != _SOC_SIZ or len(stored) < start + _COMPONENTS:
        raise DecodeError("The tile is not a JPEG 2000 codestream.")
    right, bottom, left, top = struct.unpack_from(">4I", stored, start + 8)
    (components,) = struct.unpack_from(">H", stored, start + _COMPONENTS - 2)
    if components > _MAX_COMPONENTS:
        raise DecodeError(f"The tile's JPEG 2000 picture has {components} components.")
    if right <= left or bottom <= top or (right - left) * (bottom - top) > max_pixels:
        raise DecodeError("The tile's JPEG 2000 picture is not of the tile's size.")
    try:
        pixels = np.asarray(imagecodecs.jpeg2k_decode(stored, numthreads=1))
    except (imagecodecs.Jpeg2kError, ValueError, MemoryError) as error:
        raise DecodeError("The tile's JPEG 2000 data is damaged.") from error
    if pixels.dtype != np.uint8:
        raise DecodeError("The tile's JPEG 2000 samples do not have 8 bits.")
    if ycbcr and pixels.ndim == 3 and pixels.shape[2] == 3 and is_plain_ycbcr(stored):
        return np.asarray(Image.fromarray(np.ascontiguousarray(pixels), "YCbCr").convert("RGB"))
    return pixels


def _codestream(stored: bytes) -> int:
    """Where the codestream begins: at once, or in a JP2 file's first ``jp2c`` box; the end if nowhere."""
    if stored[4:12] != _JP2_SIGNATURE:
        return 0
    at = 0
    while at + 8 <= len(stored):
        length, kind = struct.unpack_from(">I4s", stored, at)
        head = 16 if length == 1 else 8
        if kind == b"jp2c":
            return at + head
        if length == 1 and at + 16 <= len(stored):
            (length,) = struct.unpack_from(">Q", stored, at + 8)
        if length < head:
            break
        at += length
    return len(stored)


def is_plain_ycbcr(stored: bytes) -> bool:
    """Whether the decoded components of Aperio's 33003, a raw codestream, are still YCbCr.

    They are unless the codec's own transform was used, or chroma is halved: then the decoder takes it for sYCC and converts
    by itself while it enlarges the chroma (measured).
    """
    if stored[:4] != _SOC_SIZ:
        return False
    steps = stored[_COMPONENTS : _COMPONENTS + 9]
    halved = any(step != 1 for i, step in enumerate(steps) if i % 3)
    return not halved and not _has_component_transform(stored, 2)


def _has_component_transform(stored: bytes, at: int) -> bool:
    """Whether the COD marker in the main header switches the multiple component transform on."""
    while at + 4 <= len(stored):
        marker, length = struct.unpack_from(">HH", stored, at)
        if marker == _COD and at + 9 <= len(stored):
            return stored[at + 8] == 1
        if marker == _SOT or marker < 0xFF00:
            break
        at += 2 + length
    return False
