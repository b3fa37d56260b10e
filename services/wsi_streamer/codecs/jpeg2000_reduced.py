"""JPEG 2000 tiles at half, a quarter, … of their size, at that fraction of the work.

A codestream holds its picture as a small one and what each doubling adds (ITU-T T.800, annex F). Where all of the small one
comes first, a header that speaks of the small one only makes the same bytes a whole codestream of it: a decoder stops where
its last packet ends. What comes out equals OpenJPEG's ``reduce`` (compared sample by sample). Pillow offers that as well,
but holds Python's lock while it decodes and takes a seventh longer.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wsi_streamer.codecs.jpeg2000 import decode_jpeg2000

Pixels = npt.NDArray[np.uint8]

MOST = 2
"""Halvings. The inverse transform of the small picture alone is sharper than an average where detail was and softer where
it wasn't: on stained tissue the mean error is 1.2 to 2.6 levels, 0.5 to 1.7 once that is halved by averaging, and with a
third halving by the codec more (measured). So one halving at least is left to averaging; who calls sees to that."""

_SOC_SIZ = b"\xff\x4f\xff\x51"
_COD, _TLM, _QCD, _QCC, _PLT, _COM = 0xFF52, 0xFF55, 0xFF5C, 0xFF5D, 0xFF58, 0xFF64
_SOT, _SOD = 0xFF90, 0xFF93
_SOT_SIZE = 12
_LRCP, _RLCP, _RPCL = 0, 1, 2

_TAPS = {
    # (transform, halvings): weights of the sample before, the one itself and the next two, in 64ths
    (0, 1): (-5, 55, 17, -3),
    (0, 2): (-6, 47, 27, -4),
    (1, 1): (0, 48, 16, 0),
    (1, 2): (0, 40, 24, 0),
}
"""What the inverse transform makes of the small picture alone, averaged: a sample of it lies where the first pixel of its
square does, not in the middle, so that taken for an average it would move the picture by up to 3/8 of a sample (mean error
2.7 levels at a quarter; 0.6 with these). 0 is the 9/7 transform, 1 the 5/3; weights beyond these are below 1/128."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """A codestream of the small picture."""

    stream: bytes
    transform: int
    """0: 9/7, 1: 5/3."""


def decode_reduced_jpeg2000(stored: bytes, width: int, height: int, halvings: int, *, ycbcr: bool) -> Pixels | None:
    """(height, width[, samples]) halved so often, each pixel nearly the average of those it stands for; None where this
    codestream must be decoded whole. ``ycbcr`` as `decode_jpeg2000` means it.

    Raises:
        DecodeError: damaged.
    """
    reduced = reduce(stored, width, height, halvings)
    if reduced is None:
        return None
    small_width, small_height = width >> halvings, height >> halvings
    pixels = decode_jpeg2000(reduced.stream, ycbcr=ycbcr, max_pixels=small_width * small_height)
    if pixels.shape[:2] != (small_height, small_width):
        return None
    return _centred(pixels, _TAPS[reduced.transform, halvings])


def reduce(stored: bytes, width: int, height: int, halvings: int) -> Reduced | None:
    """The codestream of the picture halved so often. None where it isn't plainly a picture of ``width`` x ``height`` in one
    tile whose small version comes first: JP2 files, other orders of packets, markers that change what others say."""
    if not 0 < halvings <= MOST or not _is_one_tile(stored, width, height, halvings):
        return None
    header = bytearray(stored[:2])
    transform = None
    at = 2
    try:
        while True:
            marker, length = struct.unpack_from(">HH", stored, at)
            if marker == _SOT:
                break
            segment = bytearray(stored[at : at + 2 + length])
            if marker == _COD:
                transform = segment[13]
                changed = _fewer_resolutions(segment, halvings)
            elif marker in (_QCD, _QCC):
                changed = _fewer_steps(segment, 5 if marker == _QCC else 4, halvings)
            elif marker in (_TLM, _COM):
                changed = True
            elif at == 2:  # SIZ
                struct.pack_into(">2I", segment, 6, width >> halvings, height >> halvings)
                struct.pack_into(">2I", segment, 22, width >> halvings, height >> halvings)
                changed = True
            else:
                changed = False
            if not changed or length < 2:
                return None
            header += segment
            at += 2 + length
    except (struct.error, IndexError):
        return None
    if transform not in (0, 1) or not _is_plain_tile_part(stored, at):
        return None
    return Reduced(b"".join((header, memoryview(stored)[at:])), transform)


def _is_one_tile(stored: bytes, width: int, height: int, halvings: int) -> bool:
    if stored[:4] != _SOC_SIZ or len(stored) < 42:
        return False
    right, bottom, left, top, tile_width, tile_height, tile_left, tile_top = struct.unpack_from(">8I", stored, 8)
    if (right, bottom, left, top, tile_left, tile_top) != (width, height, 0, 0, 0, 0):
        return False
    # A small chroma lies off by twice as much as the luma, and is not put right: half a pixel after one halving.
    across, down = stored[43 : 42 + 3 * stored[41] : 3], stored[44 : 42 + 3 * stored[41] : 3]
    if any(step != 1 for step in down) or not all(step == 1 or (step == 2 and halvings == 1) for step in across):
        return False
    divisible = width % (max(across, default=1) << halvings) == 0 and height % (1 << halvings) == 0
    return divisible and tile_width >= width and tile_height >= height


def _fewer_resolutions(cod: bytearray, halvings: int) -> bool:
    """Whether the coding style could be changed to so many resolutions less."""
    order, layers, levels, precincts = cod[5], cod[6] << 8 | cod[7], cod[9], cod[4] & 1
    small_first = order in (_RLCP, _RPCL) or (order == _LRCP and layers == 1)
    if not small_first or levels < halvings or len(cod) != 14 + precincts * (levels + 1):
        return False
    cod[9] = levels - halvings
    if precincts:
        del cod[-halvings:]
    cod[2:4] = (len(cod) - 2).to_bytes(2, "big")
    return True


def _fewer_steps(quantization: bytearray, at: int, halvings: int) -> bool:
    """Whether the steps of the bands that are gone could be taken off; they begin at ``at`` + 1, and come last."""
    size = {0: 1, 1: 0, 2: 2}.get(quantization[at] & 31)
    if size is None or len(quantization) < at + 1 + (3 * halvings + 1) * size:
        return False
    if size:
        del quantization[-3 * halvings * size :]
    quantization[2:4] = (len(quantization) - 2).to_bytes(2, "big")
    return True


def _is_plain_tile_part(stored: bytes, at: int) -> bool:
    """Whether the first tile-part changes nothing that the main header said."""
    at += _SOT_SIZE
    while at + 4 <= len(stored):
        marker, length = struct.unpack_from(">HH", stored, at)
        if marker not in (_PLT, _COM):
            return bool(marker == _SOD)
        at += 2 + length
    return False


def _centred(pixels: Pixels, taps: tuple[int, int, int, int]) -> Pixels:
    """In 16 bits: around 0 and with one bit of fraction between the axes, 256 times the weights' positive part of 74 fits."""
    down = _weighted(pixels.astype(np.int16) - np.int16(128), taps, 0)
    down += 16
    down >>= 5
    total = _weighted(down, taps, 1)
    total += 64
    total >>= 7
    total += 128
    return np.clip(total, 0, 255, out=total).astype(np.uint8)


def _weighted(samples: npt.NDArray[np.int16], taps: tuple[int, int, int, int], axis: int) -> npt.NDArray[np.int16]:
    """The sum along an axis, in 64ths; the edge's samples are repeated."""
    pad = [(0, 0)] * samples.ndim
    pad[axis] = (1, 2)
    wide = np.pad(samples, pad, mode="edge")
    total = np.zeros_like(samples)
    term = np.empty_like(samples)
    for i, weight in enumerate(taps):
        if weight:
            part = slice(i, i + samples.shape[axis])
            np.multiply(wide[part] if axis == 0 else wide[:, part], np.int16(weight), out=term)
            total += term
    return total
