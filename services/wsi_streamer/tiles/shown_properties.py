"""Which of the vendor's properties are shown to all who may see a slide: numbers that describe the picture."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(?:[.,][0-9]{1,9})?(?:[eE][+-]?[0-9]{1,2})?")
"""At most six digits before the point: numbers of patients and cases have more, and no measure of a picture has."""

_SCANNER_TYPE = re.compile(r"[A-Z]{2}[0-9]{0,4}(?:DX)?")
"""AT2, CS2, GT450, GT450DX, SS1302."""

_NUMBERS = (
    "aperio.AppMag", "aperio.MPP", "aperio.Filtered", "aperio.Gamma", "aperio.Focus Offset", "aperio.Exposure Time",
    "aperio.Exposure Scale", "aperio.DisplayColor", "aperio.LineAreaXOffset", "aperio.LineAreaYOffset",
    "aperio.LineCameraSkew", "aperio.Left", "aperio.Top", "aperio.StripeWidth", "aperio.OriginalWidth",
    "aperio.OriginalHeight", "ome.Pixels.PhysicalSizeX", "ome.Pixels.PhysicalSizeY",
    "ome.Objective.NominalMagnification", "ome.Objective.CalibratedMagnification", "ome.Objective.LensNA",
)  # fmt: skip

_SHOWN = dict.fromkeys(_NUMBERS, _NUMBER) | {"aperio.ScannerType": _SCANNER_TYPE}
"""Whole names, since the file chooses them, and what their values must look like, since it writes these too.

Left out although they sound harmless: ImageID (the number of the slide in the hospital's database), Slide and Rack (people
type case numbers there), Parmset and ICC Profile (named by who set up the scanner), Software, Make, Model, ScanScope ID
(free text; the scanner may be named after who works at it), SessonMode. ``DisplayColor`` is a colour as a number.
"""


def shown_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """Those of a slide's properties that can't name anyone."""
    shown = {}
    for name, value in properties.items():
        pattern = _SHOWN.get(name)
        if pattern is not None and pattern.fullmatch(value):
            shown[name] = value
    return shown
