"""Slides to measure on: large pyramids of a few tissue-like tiles in varied order, written in seconds.

What the pixels show is of no interest here; that the encoded tiles are of a real slide's size, and differ in it, is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

from tests.samples.noise import Plane, texture

Pixels = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 40_960, 30_720
TILE = 256
LEVELS = 6
"""Of the JPEG pyramid, each half the one before; the last has 5 x 4 tiles."""

JPEG2000_WIDTH, JPEG2000_HEIGHT, JPEG2000_TILE = 16_384, 12_288, 512
_J2K_DECIBELS = 47
_QUALITY = 88
_DISTINCT = 61
"""Encoded tiles of the JPEG slide; a prime, so that rows don't repeat each other."""

_DISTINCT_J2K = 13
_FIELD = 1024
_HEMATOXYLIN = np.array([0.65, 0.70, 0.29], np.float32)
_EOSIN = np.array([0.07, 0.99, 0.11], np.float32)


def write_jpeg(path: Path) -> None:
    """A generic pyramidal TIFF: 40,960 x 30,720 pixels, 256 px tiles of about 13 kB, YCbCr 4:2:0, shared tables."""
    split = [_split(_jpeg(pixels)) for pixels in _fields(_DISTINCT, TILE)]
    tables, tiles = split[0][0], [tile for _, tile in split]
    options: dict[str, Any] = {
        "compression": "jpeg", "photometric": "ycbcr", "subsampling": (2, 2), "jpegtables": tables,
    }  # fmt: skip
    with tifffile.TiffWriter(path) as tif:
        for level in range(LEVELS):
            size = (WIDTH >> level, HEIGHT >> level)
            subfile = {"subfiletype": 1} if level else {}
            _write(tif, _ordered(tiles, size, TILE), size, TILE, **options, **subfile)


def write_jpeg2000(path: Path) -> None:
    """An Aperio SVS of 16,384 x 12,288 pixels in 512 px tiles, compression 33003: YCbCr outside the codec, the kind that
    the original serves too."""
    tiles = [_jpeg2000(pixels) for pixels in _fields(_DISTINCT_J2K, JPEG2000_TILE)]
    whole = f"{JPEG2000_WIDTH}x{JPEG2000_HEIGHT} [0,0 {JPEG2000_WIDTH}x{JPEG2000_HEIGHT}]"
    with tifffile.TiffWriter(path) as tif:
        for level in range(3):
            size = (JPEG2000_WIDTH >> 2 * level, JPEG2000_HEIGHT >> 2 * level)
            reduced = f" -> {size[0]}x{size[1]}" if level else ""
            title = f"Aperio Image Library v12.0.15 \r\n{whole} ({JPEG2000_TILE}x{JPEG2000_TILE}){reduced} J2K/KDU Q=70"
            _write(
                tif, _ordered(tiles, size, JPEG2000_TILE), size, JPEG2000_TILE, compression=33003, photometric="rgb",
                description=title + "|AppMag = 20|MPP = 0.4990",
            )  # fmt: skip


def _write(tif: tifffile.TiffWriter, tiles: Iterator[bytes], size: tuple[int, int], tile: int, **tags: Any) -> None:
    tif.write(
        tiles, shape=(size[1], size[0], 3), dtype=np.uint8, tile=(tile, tile), metadata=None, software=False,
        maxworkers=1, **tags,
    )  # fmt: skip


def _ordered(tiles: list[bytes], size: tuple[int, int], tile: int) -> Iterator[bytes]:
    count = -(-size[0] // tile) * -(-size[1] // tile)
    chosen = np.random.default_rng(size[0]).integers(0, len(tiles), count)
    return (tiles[i] for i in chosen)


def _fields(count: int, size: int) -> Iterator[Pixels]:
    """Pixels of stained tissue, some of it denser than other."""
    rng = np.random.default_rng(13)
    cloud, cells, grain = (texture(rng, _FIELD, *scale) for scale in ((40, 60), (9, 9), (3, 3)))
    for _ in range(count):
        density, detail = rng.uniform(0.35, 0.7), rng.uniform(0.6, 1.9)
        near, far, fine = (_window(rng, plane, size) for plane in (cells, cloud, grain))
        nuclei = np.clip(density + 0.2 * far + detail * (0.2 * near + 0.12 * fine), 0, None)
        pink = np.clip(0.2 + 0.1 * near - 0.06 * far, 0, None)
        yield (245 * np.exp(-nuclei[..., None] * _HEMATOXYLIN - pink[..., None] * _EOSIN)).clip(0, 255).astype(np.uint8)


def _window(rng: np.random.Generator, plane: Plane, size: int) -> Plane:
    down, right = rng.integers(0, _FIELD, 2)
    return np.roll(plane, (down, right), (0, 1))[:size, :size]


def _jpeg(pixels: Pixels) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(pixels, level=_QUALITY, subsampling="420", optimize=False))


def _jpeg2000(pixels: Pixels) -> bytes:
    encode: Callable[..., Any] = imagecodecs.jpeg2k_encode
    ycbcr = np.asarray(Image.fromarray(pixels).convert("YCbCr"))
    return bytes(
        encode(ycbcr, level=_J2K_DECIBELS, codecformat="j2k", reversible=False, mct=False, resolutions=5, numthreads=1)
    )


def _split(stream: bytes) -> tuple[bytes, bytes]:
    """The stream's tables, as the JPEGTables tag holds them, and the stream without them."""
    tables, tile, at = b"\xff\xd8", b"\xff\xd8", 2
    while stream[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        if stream[at + 1] in (0xDB, 0xC4):
            tables += stream[at:end]
        elif stream[at + 1] != 0xE0:  # a JFIF header is not written into TIFF tiles
            tile += stream[at:end]
        at = end
    return tables + b"\xff\xd9", tile + stream[at:]
