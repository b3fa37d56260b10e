"""A stored tile that browsers can't show -> a JPEG that they can."""

from __future__ import annotations

from collections.abc import Sequence

from wsi_streamer.codecs.compose import without_padding
from wsi_streamer.codecs.decode import decode
from wsi_streamer.codecs.encode import encode_jpeg
from wsi_streamer.codecs.jpeg2000 import decode_jpeg2000, is_plain_ycbcr
from wsi_streamer.slides.level import Level


def transcode(level: Level, x: int, y: int, ranges: Sequence[bytes], quality: int) -> bytes:
    """Tile (x, y) of a level, full size, as a JPEG of ``quality`` 1 to 100.

    Raises:
        DecodeError: damaged, or another size than the tile's.
        EncodeError: too large for JPEG.
    """
    width, height = level.tile_width, level.tile_height
    if level.recipe.codec == "jpeg2k" and level.recipe.photometric == "ycbcr" and is_plain_ycbcr(ranges[0]):
        # JPEG wants YCbCr too: to RGB and back would take a seventh of the time, and lose a little.
        pixels = decode_jpeg2000(ranges[0], ycbcr=False, max_pixels=2 * width * height)
        if pixels.shape == (height, width, 3):
            return encode_jpeg(without_padding(level, x, y, pixels), quality, ycbcr=True)
    pixels = decode(level.recipe, ranges, width, height)
    return encode_jpeg(without_padding(level, x, y, pixels), quality)
