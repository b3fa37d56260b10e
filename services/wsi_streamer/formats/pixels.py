"""What an image's tags say of its samples, and which of them can be served."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.slides.recipe import Alpha, Codec, Photometric

MAX_SIDE = 1 << 31
"""Pixels of an image: what the catalog holds, and far beyond any microscope's."""

MAX_TILE_SIDE = 8192
"""Pixels."""

MAX_TILE_PIXELS_BYTES = 64 << 20
"""Decoded bytes of one tile, three or four samples a pixel."""

_CODECS: dict[int, Codec] = {
    1: "none",
    5: "lzw",
    7: "jpeg",
    8: "deflate",
    22610: "jpegxr",
    32773: "packbits",
    32946: "deflate",
    33003: "jpeg2k",
    33004: "jpeg2k",
    33005: "jpeg2k",
    34712: "jpeg2k",
    34887: "lerc",
    34925: "lzma",
    34926: "zstd",
    34927: "webp",
    34933: "png",
    34934: "jpegxr",
    50000: "zstd",
    50001: "webp",
    50002: "jpegxl",
    52546: "jpegxl",
}

_REFUSED_CODECS = {
    2: "CCITT fax",
    3: "CCITT fax",
    4: "CCITT fax",
    6: "old-style JPEG (compression 6)",
    33007: "ALT JPEG",
    34661: "JBIG",
    34676: "LogLuv",
    34677: "LogLuv",
    34892: "lossy JPEG of DNG",
}

_PHOTOMETRICS: dict[int, Photometric] = {0: "miniswhite", 1: "minisblack", 2: "rgb", 3: "palette", 6: "ycbcr"}

_REFUSED_PHOTOMETRICS = {
    4: "a transparency mask",
    5: "CMYK",
    8: "CIE L*a*b*",
    9: "ICC L*a*b*",
    10: "ITU L*a*b*",
    32803: "raw camera data",
    32844: "LogL",
    32845: "LogLuv",
    34892: "raw camera data",
}


@dataclass(frozen=True, slots=True)
class Pixels:
    """The samples of an image that can be served."""

    codec: Codec
    photometric: Photometric
    samples: int
    alpha: Alpha


def check_geometry(ifd: Ifd) -> None:
    """Sizes that can be true and can be served.

    Raises:
        Broken: a size of 0 or absurd.
        Unsupported: tiles that are too large to decode.
    """
    if not (0 < ifd.width < MAX_SIDE and 0 < ifd.height < MAX_SIDE):
        raise Broken(f"{ifd} has a size of {ifd.width} x {ifd.height} pixels.")
    if ifd.tile_width <= 0 or ifd.tile_height <= 0:
        raise Broken(f"{ifd} has tiles of {ifd.tile_width} x {ifd.tile_height} pixels.")
    if ifd.is_tiled and max(ifd.tile_width, ifd.tile_height) > MAX_TILE_SIDE:
        raise Unsupported(f"{ifd} has tiles of {ifd.tile_width} x {ifd.tile_height} pixels; "
                          f"at most {MAX_TILE_SIDE} a side are served.")  # fmt: skip
    if ifd.tile_width * ifd.tile_height * ifd.samples > MAX_TILE_PIXELS_BYTES:
        raise Unsupported(f"{ifd} has tiles that decode to more than {MAX_TILE_PIXELS_BYTES >> 20} MB.")
    if ifd.number(32997, 1) > 1 or ifd.number(32998, 1) > 1:
        raise Unsupported(f"{ifd} is a volume (ImageDepth {ifd.number(32997, 1)}).")


def pixels_of(ifd: Ifd) -> Pixels:
    """What the samples are.

    Raises:
        Unsupported: they can't be shown rightly; the reason says why.
    """
    codec = _codec(ifd)
    _check_samples(ifd)
    photometric = _photometric(ifd)
    colours = 1 if photometric in ("minisblack", "miniswhite", "palette") else 3
    extra = ifd.samples - colours
    if extra < 0:
        raise Broken(f"{ifd} has {ifd.samples} samples a pixel, too few for its colours.")
    if extra > 1:
        raise Unsupported(f"{ifd} has {ifd.samples} channels a pixel; grey and RGB with or without alpha are served.")
    alpha: Alpha = "none"
    if extra:
        kind = (ifd.numbers(338) or (0,))[-1]
        if kind == 0 and colours == 1:
            raise Unsupported(f"{ifd} has 2 channels that are not grey and alpha.")
        alpha = {1: "associated", 2: "unassociated"}.get(kind, "none")  # type: ignore[assignment]
    return Pixels(codec, photometric, ifd.samples, alpha)


def _codec(ifd: Ifd) -> Codec:
    number = ifd.compression
    codec = _CODECS.get(number)
    if codec is None:
        name = _REFUSED_CODECS.get(number, f"compression {number}")
        raise Unsupported(f"{ifd} is stored in {name}, which is not served.")
    return codec


def _check_samples(ifd: Ifd) -> None:
    bits = set(ifd.bits[: ifd.samples])
    if bits != {8}:
        raise Unsupported(f"{ifd} has {', '.join(str(b) for b in sorted(bits))} bits a sample; only 8 are served.")
    formats = {f for f in ifd.numbers(339)[: ifd.samples] if f not in (1, 4)}
    if formats:
        name = {2: "signed whole numbers", 3: "floating point numbers"}.get(min(formats), "complex numbers")
        raise Unsupported(f"{ifd} holds {name}; only 8-bit unsigned samples are served.")


def _photometric(ifd: Ifd) -> Photometric:
    number = ifd.photometric
    if number == -1:
        # A required tag, yet some writers leave it out; one and three samples leave no doubt.
        number = {1: 1, 2: 1, 3: 2, 4: 2}.get(ifd.samples, -1)
    known = _PHOTOMETRICS.get(number)
    if known is None:
        name = _REFUSED_PHOTOMETRICS.get(number, f"photometric interpretation {number}")
        raise Unsupported(f"{ifd} is {name}, which is not served.")
    return known
