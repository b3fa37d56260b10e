"""Files that look like plain TIFF but follow rules of their own: they are refused by name.

Told by what vendors write into tags, never by a file's name. Facts from OpenSlide's and Bio-Formats' detection.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.ranged_file import RangedFile

_XMP = 700
_NDPI_VERSION = 65420

_BY_TAG = {
    _NDPI_VERSION: "Hamamatsu NDPI",
    34412: "Zeiss LSM",
    33629: "MetaMorph STK",
    34361: "Olympus FluoView",
    50706: "DNG raw camera data",
    37706: "TVIPS",
    50288: "Gatan or Zeiss XRM",
    65200: "Flex",
}

_QPTIFF = "PerkinElmer/Akoya QPTIFF"

_SIGNS = (
    ("leica-microsystems.com/scn", "Leica SCN"),
    ("DPUfsImport", "Philips TIFF"),
    ("PerkinElmer-QPI", _QPTIFF),
    ("<PlaneInfo>", "MetaMorph TIFF"),
    ("SCANIMAGE.", "ScanImage"),
)

_LONG = 64 << 10
"""Characters of a description that are looked through."""

_IMAGEJ_STACK = re.compile(r"^(images|channels|slices|frames)=(\d+)", re.MULTILINE)


def refused_vendor(ifds: Sequence[Ifd]) -> str | None:
    """The name of the vendor's format that this file is and that is not served, or None."""
    for ifd in ifds[:16]:
        name = next((name for code, name in _BY_TAG.items() if code in ifd), None)
        if name is not None:
            return name
        if b"iScan" in _xmp(ifd) or "<iScan" in ifd.description[:_LONG]:
            return "Ventana BIF"
    return _by_software(ifds[0].text(305)) or _by_description(ifds[0].description)


def _by_software(software: str) -> str | None:
    starts = {"Philips": "Philips TIFF", "PerkinElmer-QPI": _QPTIFF, "MedScan": "Trestle", "SI.": "ScanImage"}
    return next((name for start, name in starts.items() if software.startswith(start)), None)


def _by_description(text: str) -> str | None:
    start = text[:_LONG]
    for sign, name in _SIGNS:
        if sign in start:
            return name
    if text.startswith("ImageJ=") and any(int(n) > 1 for _, n in _IMAGEJ_STACK.findall(start)):
        return "an ImageJ stack"
    if "IndicaLabs" in start and len(re.findall(r"<channel\b", start)) > 1:
        return "a multi-channel Indica Labs TIFF"
    return None


def is_large_ndpi(file: RangedFile) -> bool:
    """Whether this is an NDPI whose first directory lies beyond 4 GB: its header has a 64-bit offset, although it
    says classic TIFF, so that reading it as one leads nowhere."""
    head = file.read_at(0, 12)
    if head[:4] != b"II\x2a\x00" or len(head) < 12:
        return False
    (offset,) = struct.unpack_from("<Q", head, 4)
    if not (1 << 32) <= offset < file.size:
        return False
    (count,) = struct.unpack("<H", file.read_at(offset, 2).ljust(2, b"\0"))
    body = file.read_at(offset + 2, min(count, 256) * 12)
    return any(int.from_bytes(body[at : at + 2], "little") == _NDPI_VERSION for at in range(0, len(body), 12))


def _xmp(ifd: Ifd) -> bytes:
    """XMP as stored, as far as it can hold a scanner's name."""
    entry = ifd.entries.get(_XMP)
    if entry is None:
        return b""
    return ifd.source.file.read_at(entry.value_offset, min(entry.value_bytes, 64 << 10))
