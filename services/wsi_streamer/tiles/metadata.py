"""What a slide tells of itself: the body of GET /slides/{id}."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from wsi_streamer.access.associated import may_see
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.key_names import may_know_keys
from wsi_streamer.access.permissions import Permission
from wsi_streamer.slides.recipe import Codec
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.shown_properties import shown_properties

_COMPRESSIONS: Mapping[Codec, str] = {
    "jpeg": "JPEG",
    "jpeg2k": "JPEG 2000",
    "none": "none",
    "lzw": "LZW",
    "deflate": "Deflate",
    "zstd": "Zstandard",
    "packbits": "PackBits",
    "lzma": "LZMA",
    "webp": "WebP",
    "jpegxl": "JPEG XL",
    "jpegxr": "JPEG XR",
    "png": "PNG",
    "lerc": "LERC",
}


class LevelMetadata(msgspec.Struct, frozen=True):
    """One stored level; all sizes in pixels."""

    level: int
    width: int
    height: int
    tile_width: int
    tile_height: int
    tiles_x: int
    tiles_y: int
    downsample: float
    compression: str
    """What the stored tiles are compressed by, as people write it."""

    passthrough: bool
    """Whether the stored bytes reach the browser without being decoded. Edges and blank tiles may differ."""


class MicronsPerPixel(msgspec.Struct, frozen=True):
    """µm a pixel at level 0."""

    x: float
    y: float


class SlideMetadata(msgspec.Struct, frozen=True):
    """A slide."""

    slide_id: str
    """What it was asked for by."""
    format: str
    width: int
    height: int
    level_count: int
    levels: list[LevelMetadata]
    id: str
    key: str | None
    """Null for holders of a grant that shows no metadata: it may name a patient."""
    version: str
    mpp: MicronsPerPixel | None
    objective: float | None
    icc_profile: bool
    associated_images: list[str]
    """Those that the caller may see."""

    properties: dict[str, str]
    """As the scanner wrote them. Without the permission 'metadata' only numbers that describe the picture."""

    scanner: str | None
    """Null without the permission 'metadata'."""

    acquired: str | None
    """When it was scanned, ISO 8601 as far as the file says. Null without the permission 'metadata'."""

    tile_url: str
    """A template; the version in it makes tiles cacheable for good."""

    dzi_url: str
    """For Deep Zoom readers, which hand the version on to their tiles."""


def slide_metadata(slide: Slide, ref: str, caller: Caller) -> SlideMetadata:
    """What ``caller`` may know of a slide that was asked for as ``ref``."""
    sees_all = caller.may(Permission.METADATA)
    mpp = None
    if slide.mpp_x is not None and slide.mpp_y is not None:
        mpp = MicronsPerPixel(slide.mpp_x, slide.mpp_y)
    return SlideMetadata(
        slide_id=ref,
        format=slide.format,
        width=slide.width,
        height=slide.height,
        level_count=len(slide.levels),
        levels=[
            LevelMetadata(
                level=level.index,
                width=level.width,
                height=level.height,
                tile_width=level.tile_width,
                tile_height=level.tile_height,
                tiles_x=level.tiles_x,
                tiles_y=level.tiles_y,
                downsample=level.downsample,
                compression=_COMPRESSIONS[level.recipe.codec],
                passthrough=level.recipe.passthrough,
            )
            for level in slide.levels
        ],
        id=slide.id,
        key=slide.key if may_know_keys(caller) else None,
        version=slide.version,
        mpp=mpp,
        objective=slide.objective,
        icc_profile=slide.icc_profile,
        associated_images=[name for name in slide.associated_images if may_see(caller, name, slide.format)],
        properties=dict(slide.properties) if sees_all else shown_properties(slide.properties),
        scanner=slide.scanner if sees_all else None,
        acquired=slide.acquired if sees_all else None,
        tile_url=f"/tiles/{quote(slide.id, safe='')}/{{level}}/{{x}}/{{y}}.jpg?v={slide.version}",
        dzi_url=f"/slides/{quote(slide.id, safe='')}.dzi?v={slide.version}",
    )
