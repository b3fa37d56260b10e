"""A stored JPEG tile as a stream of its own: the shared tables in front, the colour made plain."""

from __future__ import annotations

from wsi_streamer.codecs.jpeg_markers import SOI, JpegHeader, read_header
from wsi_streamer.slides.recipe import Recipe

ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
"""APP14, version 100, transform 0: three components are R, G, B (libjpeg reads it so)."""

_RGB_IDS = (0x52, 0x47, 0x42)


def splice(recipe: Recipe, stored: bytes) -> bytes:
    """A standalone JPEG stream from a tile's stored bytes. The entropy-coded data is not touched.

    Where the recipe says RGB and the stream has no marker of its own, it gets Adobe's, and since some decoders look at
    component ids alone, those become R, G, B. EXIF and ICC segments are dropped: an orientation in some tiles only would
    turn them, and a profile may be larger than all tiles.

    Raises:
        DecodeError: not a JPEG stream.
    """
    header = read_header(stored)
    marks = recipe.mark_rgb and not header.colour_marker and header.components == 3
    front = SOI + (ADOBE_RGB if marks else b"") + recipe.tables
    if not marks and not header.dropped:
        return front + stored[2:] if recipe.tables else stored
    segments = bytearray(stored[: header.end])
    if marks:
        _rename_components(segments, header)
    for start, end in reversed(header.dropped):
        del segments[start:end]
    return b"".join((front, memoryview(segments)[2:], memoryview(stored)[header.end :]))


def _rename_components(segments: bytearray, header: JpegHeader) -> None:
    renamed = {}
    for i, name in enumerate(_RGB_IDS):
        at = header.sof + 10 + 3 * i
        renamed[segments[at]] = name
        segments[at] = name
    for i in range(segments[header.sos + 4]):
        at = header.sos + 5 + 2 * i
        segments[at] = renamed.get(segments[at], segments[at])
