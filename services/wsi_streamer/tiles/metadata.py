"""What a slide tells of itself: the body of GET /slides/{id}."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from wsi_streamer.slides.slide import Slide

_SHOWN = (
    "AppMag", "MPP", "ICC Profile", "ImageID", "Filtered", "Gamma", "Focus Offset", "Exposure Time", "Exposure Scale",
    "LineAreaXOffset", "LineAreaYOffset", "LineCameraSkew", "Left", "Top", "StripeWidth", "OriginalWidth",
    "OriginalHeight", "DisplayColor", "Parmset", "ScannerType", "SessonMode", "Slide", "Rack", "NominalMagnification",
    "ResolutionUnit", "XResolution", "YResolution", "Software", "Make", "Model",
)  # fmt: skip
"""Vendor properties that describe the picture. All others (user, title, file name, date, free text) may name a
patient or a person and stay in the catalog."""


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


class MicronsPerPixel(msgspec.Struct, frozen=True):
    """µm a pixel at level 0."""

    x: float
    y: float


class SlideMetadata(msgspec.Struct, frozen=True):
    """A slide."""

    slide_id: str
    format: str
    width: int
    height: int
    level_count: int
    levels: list[LevelMetadata]
    id: str
    key: str
    version: str
    mpp: MicronsPerPixel | None
    objective: float | None
    icc_profile: bool
    associated_images: list[str]
    properties: dict[str, str]
    tile_url: str
    """A template; the version in it makes tiles cacheable for good."""

    dzi_url: str
    """For Deep Zoom readers, which hand the version on to their tiles."""


def slide_metadata(slide: Slide, ref: str) -> SlideMetadata:
    """The metadata of a slide that was asked for as ``ref``."""
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
            )
            for level in slide.levels
        ],
        id=slide.id,
        key=slide.key,
        version=slide.version,
        mpp=mpp,
        objective=slide.objective,
        icc_profile=slide.icc_profile,
        associated_images=list(slide.associated_images),
        properties={name: text for name, text in slide.properties.items() if name.rpartition(".")[2] in _SHOWN},
        tile_url=f"/tiles/{quote(slide.id, safe='')}/{{level}}/{{x}}/{{y}}.jpg?v={slide.version}",
        dzi_url=f"/slides/{quote(slide.id, safe='')}.dzi?v={slide.version}",
    )
