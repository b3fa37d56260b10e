"""Aperio SVS: level 0, a thumbnail, the other levels, a label and a photograph of the whole glass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageDraw, ImageFont

from tests.samples.jpeg_segments import QUALITY, encode_rgb, shared_tables
from tests.samples.layout import Cut
from tests.samples.pyramid import TILE, Encode, Pixels, Progress, Pyramid, cut_tiles, write_level

MPP = "0.4990"
_LIBRARY = "Aperio Image Library v12.0.15 "
_JPEG2000 = 33005
_J2K_QUALITY = 42
"""Decibels."""

_FLAT = 24
_J2K_FLAT_QUALITY = 60
"""For tiles of glass alone, where the encoder would meet its quality with another shade in every tile."""

# Photometric RGB as Aperio says, where tifffile would say YCbCr.
_JPEG_TAGS: dict[str, Any] = {
    "compression": "jpeg",
    "jpegtables": shared_tables(),
    "compressionargs": {"outcolorspace": "rgb"},
}


def write_jpeg(path: Path, cut: Cut, downsamples: tuple[int, ...], progress: Progress) -> None:
    """Tiles as most slides in hospitals have them."""
    _write(path, cut, downsamples, progress, encode_rgb, f"JPEG/RGB Q={QUALITY}", **_JPEG_TAGS)


def write_jpeg2000(path: Path, cut: Cut, downsamples: tuple[int, ...], progress: Progress) -> None:
    """Compression 33005: raw codestreams that transform the colours themselves."""
    _write(path, cut, downsamples, progress, encode_jpeg2000, "J2K/KDU Q=70", compression=_JPEG2000)


def encode_jpeg2000(pixels: Pixels) -> bytes:
    """A raw codestream, with its own colour transform."""
    quality = _J2K_QUALITY if np.ptp(pixels) > _FLAT else _J2K_FLAT_QUALITY
    return bytes(
        imagecodecs.jpeg2k_encode(
            pixels, level=quality, codecformat="j2k", reversible=False, mct=True, resolutions=5, numthreads=1
        )
    )


def _write(
    path: Path, cut: Cut, downsamples: tuple[int, ...], progress: Progress, encode: Encode, codec: str, **tags: Any
) -> None:
    pyramid = Pyramid(cut, encode, progress)
    first = f"{_LIBRARY}\r\n{cut.width}x{cut.height} [0,0 {cut.width}x{cut.height}] ({TILE}x{TILE}) {codec}"
    properties = (
        f"|AppMag = 20|StripeWidth = 2040|ScanScope ID = SYNTHETIC|Filename = {path.stem}|Date = 11/20/26"
        f"|Time = 10:15:00|MPP = {MPP}|Left = 25.7|Top = 23.4|OriginalWidth = {cut.width}|OriginalHeight = {cut.height}"
    )
    with tifffile.TiffWriter(path, bigtiff=False) as tif:
        tif_tags: dict[str, Any] = {"resolution": (20040, 20040), "resolutionunit": "centimeter"} | tags
        write_level(tif, pyramid.tiles(), (cut.width, cut.height), description=first + properties, **tif_tags)
        thumbnail = _fitting(pyramid.small(16), 1024, 768)
        _write_strips(tif, thumbnail, _reduced(cut, thumbnail) + properties)
        for downsample in downsamples:
            pixels = pyramid.small(downsample)
            size = (pixels.shape[1], pixels.shape[0])
            title = f"{_LIBRARY}\r\n{cut.width}x{cut.height} [0,0 {cut.width}x{cut.height}] ({TILE}x{TILE})"
            description = f"{title} -> {size[0]}x{size[1]} {codec}{properties}"
            write_level(tif, _encoded(pixels, encode), size, description=description, **tags)
        label, macro = _label(path.stem), _macro(thumbnail)
        tif.write(
            label, photometric="rgb", compression="lzw", predictor=True, rowsperstrip=7, subfiletype=1, metadata=None,
            software=False, description=f"{_LIBRARY}\r\nlabel {label.shape[1]}x{label.shape[0]}", maxworkers=1,
        )  # fmt: skip
        _write_strips(tif, macro, f"{_LIBRARY}\r\nmacro {macro.shape[1]}x{macro.shape[0]}", subfiletype=9)


def _encoded(pixels: Pixels, encode: Encode) -> Iterator[bytes]:
    for row in cut_tiles(pixels):
        for tile in row:
            yield encode(tile)


def _reduced(cut: Cut, pixels: Pixels) -> str:
    return f"{_LIBRARY}\r\n{cut.width}x{cut.height} -> {pixels.shape[1]}x{pixels.shape[0]} - "


def _write_strips(tif: tifffile.TiffWriter, pixels: Pixels, description: str, subfiletype: int = 0) -> None:
    """JPEG in strips of 16 rows, as Aperio stores its associated images."""
    strips = (encode_rgb(pixels[row : row + 16]) for row in range(0, pixels.shape[0], 16))
    tif.write(
        strips, shape=pixels.shape, dtype=np.uint8, rowsperstrip=16, photometric="rgb", subfiletype=subfiletype, metadata=None, software=False, description=description,
        maxworkers=1, **_JPEG_TAGS,
    )  # fmt: skip


def _fitting(pixels: Pixels, width: int, height: int) -> Pixels:
    image = Image.fromarray(pixels)
    image.thumbnail((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _label(name: str) -> Pixels:
    """The sticker of a glass. It names nobody."""
    image = Image.new("RGB", (387, 463), (250, 250, 246))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(34)
    for i, line in enumerate(("WSI STREAMER", "SAMPLE", *name.upper().split("-"))):
        draw.text((28, 36 + 58 * i), line, (30, 30, 40), font)
    draw.rectangle((8, 8, 378, 454), outline=(160, 160, 160), width=3)
    return np.asarray(image)


def _macro(thumbnail: Pixels) -> Pixels:
    """The glass from afar, the sticker at its left without any text."""
    image = Image.new("RGB", (1280, 431), (214, 217, 214))
    draw = ImageDraw.Draw(image)
    draw.rectangle((14, 18, 1266, 412), fill=(236, 237, 236), outline=(180, 184, 182), width=2)
    draw.rectangle((20, 24, 370, 406), fill=(249, 249, 246))
    tissue = Image.fromarray(thumbnail).resize((int(thumbnail.shape[1] * 330 / thumbnail.shape[0]), 330))
    image.paste(tissue, (560, 50))
    return np.asarray(image)
