"""A small slide for tests that need any."""

from __future__ import annotations

import io

import numpy as np
import tifffile


def small_slide(width: int = 700, height: int = 500) -> bytes:
    """A tiled JPEG pyramid of two levels."""
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(pixels, tile=(256, 256), photometric="rgb", compression="jpeg", subifds=0)
        writer.write(pixels[::2, ::2], tile=(256, 256), photometric="rgb", compression="jpeg", subfiletype=1)
    return file.getvalue()
