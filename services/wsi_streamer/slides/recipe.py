"""What turns a tile's stored bytes into a picture: data, worked out once by the indexer."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any, Literal

RECIPE_VERSION = 1
"""Raised when the meaning of a recipe changes. Workers serve the newest version they understand."""

Codec = Literal[
    "jpeg",
    "jpeg2k",
    "none",
    "lzw",
    "deflate",
    "zstd",
    "packbits",
    "lzma",
    "webp",
    "jpegxl",
    "jpegxr",
    "png",
    "lerc",
]
Photometric = Literal["minisblack", "miniswhite", "rgb", "ycbcr", "palette"]
Alpha = Literal["none", "associated", "unassociated"]

_BYTES = ("tables", "palette")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the stored bytes of one level's tiles become pixels. All samples have 8 bits."""

    codec: Codec
    """The compression, whatever TIFF tag value it was stored under."""

    photometric: Photometric
    """What the decoded samples mean, after the codec's own colour conversion."""

    samples: int
    """Samples a pixel as stored: 1 grey or palette, 2 grey + alpha, 3 colour, 4 colour + alpha."""

    passthrough: bool = False
    """The stored bytes are a JPEG every browser shows rightly once ``tables`` and ``mark_rgb`` are applied."""

    tables: bytes = b""
    """JPEG only: the segments (DQT, DHT, …) that go right after a tile's SOI; no SOI and no EOI of their own."""

    mark_rgb: bool = False
    """JPEG only: the components are R, G, B. A stream that has neither JFIF nor Adobe marker of its own gets an
    APP14 with transform 0, and its components the ids R, G, B; a stream's own marker wins."""

    planar: bool = False
    """Each sample is stored as a tile of its own: a tile then has ``samples`` ranges."""

    predictor: int = 1
    """TIFF predictor: 1 none, 2 horizontal differencing, 3 floating point."""

    subsampling: tuple[int, int] = (1, 1)
    """Horizontal and vertical chroma subsampling of ``ycbcr`` samples outside JPEG codecs."""

    alpha: Alpha = "none"
    """What the last sample of 2 or 4 is. Browsers get no alpha: it is composed over white."""

    palette: bytes = b""
    """``palette`` photometric only: 256 RGB triplets, 768 bytes."""

    reversed_bits: bool = False
    """TIFF FillOrder 2: the bits of each stored byte are in reverse order."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; byte fields in base64."""
        data = asdict(self)
        for name in _BYTES:
            data[name] = base64.b64encode(data[name]).decode()
        data["subsampling"] = list(self.subsampling)
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Recipe:
        """The inverse of `to_json`.

        Raises:
            TypeError: a field this version does not know.
        """
        values = dict(data)
        for name in _BYTES:
            values[name] = base64.b64decode(values.get(name, ""))
        values["subsampling"] = tuple(values.get("subsampling", (1, 1)))
        return cls(**values)
