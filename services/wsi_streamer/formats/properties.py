"""Vendors' names and values, bounded and clean enough for a database and a page."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from wsi_streamer.formats.ifd import Ifd

MAX_PROPERTIES = 200
MAX_NAME = 100
MAX_VALUE = 2000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?\d*[.,]?\d+(?:[eE][+-]?\d+)?")

_TIFF_NAMES = {
    269: "DocumentName",
    270: "ImageDescription",
    271: "Make",
    272: "Model",
    285: "PageName",
    305: "Software",
    306: "DateTime",
    315: "Artist",
    316: "HostComputer",
    33432: "Copyright",
}


def clean(text: str, limit: int) -> str:
    """``text`` without control characters, at most ``limit`` characters of it."""
    return _CONTROL.sub("", text[: limit * 2]).strip()[:limit]


def bounded(properties: Mapping[str, str]) -> dict[str, str]:
    """As many of them, and as much of each, as anyone reads."""
    kept: dict[str, str] = {}
    for name, value in properties.items():
        if len(kept) == MAX_PROPERTIES:
            break
        short = clean(name, MAX_NAME)
        if short:
            kept[short] = clean(value, MAX_VALUE)
    return kept


def tiff_properties(ifd: Ifd) -> dict[str, str]:
    """The descriptive tags of one image as ``tiff.Make`` and so on."""
    texts = {f"tiff.{name}": ifd.text(code) for code, name in _TIFF_NAMES.items()}
    return {name: text for name, text in texts.items() if text}


def number(text: str | None) -> float | None:
    """The number ``text`` begins with, decimal comma or point; None where there is none, or it isn't finite."""
    match = _NUMBER.match(text.strip()) if text else None
    if match is None:
        return None
    value = float(match[0].replace(",", "."))
    return value if math.isfinite(value) else None
