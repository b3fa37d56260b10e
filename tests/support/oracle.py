"""What a slide's pixels are, by others' word: tifffile, or libjpeg on a tile's own stream where TIFF tags lie."""

from __future__ import annotations

import asyncio
from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt
import tifffile

Pixels = npt.NDArray[np.uint8]

TAGS_LIE = ("OS-1-detail.ome.tif",)
"""The TIFF says RGB, the tiles are JFIF YCbCr: only the streams are right."""


async def level_pixels(path: Path, width: int, height: int) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """(height, width, 3) RGB of the level with this size, and where it has tiles at all.

    In a thread: a large slide takes seconds, in which the services of the test's own loop are to answer.
    """
    return await asyncio.to_thread(_level_pixels, path, width, height)


def _level_pixels(path: Path, width: int, height: int) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    with tifffile.TiffFile(path) as tiff:
        page = next(p for p in _pages(tiff) if (p.imagewidth, p.imagelength) == (width, height) and p.is_tiled)
        pixels = _from_streams(page, tiff) if path.name in TAGS_LIE else page.asarray()
        stored = _stored(page)
    pixels = np.atleast_3d(pixels)
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return pixels[..., :3].astype(np.uint8), stored


def _pages(tiff: tifffile.TiffFile) -> list[tifffile.TiffPage]:
    pages = []
    for page in tiff.pages:
        pages.append(page)
        pages += list(page.pages or ())
    return [p for p in pages if not p.is_mask and not p.subfiletype & 4]


def _stored(page: tifffile.TiffPage) -> npt.NDArray[np.bool_]:
    columns = -(-page.imagewidth // page.tilewidth)
    counts = np.array(page.databytecounts)
    present = (counts > 0).reshape(-1, columns)
    grown = present.repeat(page.tilelength, axis=0).repeat(page.tilewidth, axis=1)
    return grown[: page.imagelength, : page.imagewidth]


def _from_streams(page: tifffile.TiffPage, tiff: tifffile.TiffFile) -> Pixels:
    pixels = np.zeros((page.imagelength, page.imagewidth, 3), np.uint8)
    columns = -(-page.imagewidth // page.tilewidth)
    for i, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
        tiff.filehandle.seek(offset)
        tile = imagecodecs.jpeg8_decode(tiff.filehandle.read(count), tables=page.jpegtables)
        y, x = i // columns * page.tilelength, i % columns * page.tilewidth
        part = pixels[y : y + page.tilelength, x : x + page.tilewidth]
        part[:] = tile[: part.shape[0], : part.shape[1]]
    return pixels
