"""Amounts of haematoxylin and eosin -> the colour a scanner sees."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.samples.noise import Plane

_HAEMATOXYLIN = np.array([0.66, 0.86, 0.40])
_EOSIN = np.array([0.085, 0.56, 0.30])
"""Natural absorbance of one unit in red, green and blue."""

_GLASS = np.array([243.0, 242.0, 244.0])
_STEPS = 256
_UNIT = 100.0
"""Steps a unit of stain."""


def palette() -> npt.NDArray[np.uint8]:
    """(65536, 3) RGB, by haematoxylin * 256 + eosin."""
    amount = np.arange(_STEPS) / _UNIT
    absorbed = amount[:, None, None] * _HAEMATOXYLIN + amount[None, :, None] * _EOSIN
    return np.asarray((_GLASS * np.exp(-absorbed)).round().astype(np.uint8).reshape(-1, 3))


def develop(lookup: npt.NDArray[np.uint8], haematoxylin: Plane, eosin: Plane) -> npt.NDArray[np.uint8]:
    """(height, width, 3) RGB."""
    h = np.clip(haematoxylin * _UNIT, 0, _STEPS - 1).astype(np.uint16)
    e = np.clip(eosin * _UNIT, 0, _STEPS - 1).astype(np.uint16)
    return np.asarray(np.take(lookup, h * np.uint16(_STEPS) + e, axis=0))
