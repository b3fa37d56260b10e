"""µm a pixel out of TIFF's resolution tags."""

from __future__ import annotations

from wsi_streamer.formats.errors import Broken
from wsi_streamer.formats.ifd import Ifd

_MICRONS = {2: 25_400.0, 3: 10_000.0}
"""ResolutionUnit: inch, centimetre. 1 means no unit."""

SMALLEST, LARGEST = 0.02, 20.0
"""µm a pixel that a microscope's picture can have: screens' 72 dots an inch are 353."""


def plausible(mpp: float | None) -> float | None:
    """``mpp`` where a microscope can have made it, else None."""
    return mpp if mpp is not None and SMALLEST <= mpp <= LARGEST else None


def of_tags(ifd: Ifd) -> tuple[float | None, float | None]:
    """µm a pixel across and down; None where the tags don't say, or not of a microscope."""
    try:
        micron = _MICRONS.get(ifd.number(296, 2))
        if micron is None:
            return None, None
        found = [_per_pixel(micron, ifd.value(code)) for code in (282, 283)]
    except Broken:
        return None, None
    if found[0] is None or found[1] is None:
        return found[0] or found[1], found[1] or found[0]
    return found[0], found[1]


def _per_pixel(micron: float, rational: object) -> float | None:
    match rational:
        case (int(top), int(bottom), *_) if top > 0 and bottom > 0:
            return plausible(micron * bottom / top)
        case float(value) | (float(value),) if value > 0:
            return plausible(micron / value)
        case _:
            return None
