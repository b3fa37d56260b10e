"""The picture of a tile that has no bytes."""

from __future__ import annotations

import functools

import numpy as np

from wsi_streamer.codecs.encode import encode_jpeg


@functools.lru_cache(maxsize=32)
def blank_jpeg(width: int, height: int) -> bytes:
    """A white JPEG; slides are bright where there is no tissue. Few sizes exist, so they are kept."""
    return encode_jpeg(np.full((height, width, 3), 255, np.uint8), 90)
