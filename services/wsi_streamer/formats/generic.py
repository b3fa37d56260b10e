"""Tiled TIFFs of no vendor: what libvips, GDAL, QuPath, large_image, tifffile and scanners' exports write."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wsi_streamer.formats import dates, resolution
from wsi_streamer.formats.errors import Unsupported
from wsi_streamer.formats.found import Found
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.properties import number, tiff_properties
from wsi_streamer.formats.pyramid import fits, levels_among

_REDUCED = 1
_PALETTE = 3
_PICTURE_NAMES = ("label", "macro", "thumbnail")

_VIPS_PROPERTY = re.compile(r"<name>([^<]{1,100})</name>\s*<value[^>]*>([^<]{0,500})</value>")
_MPP_NAMES = ("openslide.mpp-x", "openslide.mpp-y")


def read(ifds: Sequence[Ifd]) -> Found:
    """The slide.

    Raises:
        Unsupported: no image is tiled, or there is more than one picture in full resolution.
    """
    pictures = [ifd for ifd in ifds if not ifd.is_mask]
    if not pictures:
        raise Unsupported("A TIFF without a picture: it holds nothing but transparency masks.")
    full = _full(pictures)
    levels = levels_of(full, pictures)
    said = _vips_properties(full.description)
    tags = resolution.of_tags(full)
    written = [resolution.plausible(number(said.get(name))) for name in _MPP_NAMES]
    make = " ".join(part for part in (full.text(271), full.text(272)) if part)
    return Found(
        format="Generic Pyramidal TIFF",
        levels=tuple(levels),
        associated=_associated(pictures, levels),
        mpp_x=written[0] or tags[0],
        mpp_y=written[1] or tags[1],
        objective=number(said.get("openslide.objective-power")) or None,
        scanner=make or None,
        acquired=dates.tiff(full.text(306)),
        properties=tiff_properties(full),
    )


def levels_of(full: Ifd, pictures: Sequence[Ifd]) -> list[Ifd]:
    """``full`` and its lower levels: its own SubIFDs where it has them, else those of the main chain that fit."""
    nested = levels_among(full, full.children)
    if len(nested) > 1:
        return nested
    return levels_among(full, [ifd for ifd in pictures if _picture_name(ifd) is None])


def _full(pictures: Sequence[Ifd]) -> Ifd:
    """The image of full resolution."""
    whole = [ifd for ifd in pictures if not ifd.subfile_type & _REDUCED] or list(pictures)
    full = max(whole, key=lambda ifd: ifd.width * ifd.height)
    if not full.is_tiled:
        raise Unsupported(f"A TIFF that is not tiled ({full.width} x {full.height} pixels in strips).")
    same = [ifd for ifd in whole if (ifd.width, ifd.height) == (full.width, full.height)]
    if len(same) > 2 or (len(same) == 2 and all(map(_is_grey, same)) and not all(ifd.children for ifd in same)):
        # Two grey images that each have SubIFDs of their own are two pyramids, of which the first is served.
        grey = "grey " if all(map(_is_grey, same)) else ""
        raise Unsupported(
            f"A TIFF of {len(same)} {grey}images: several channels or planes of one size, not one picture."
        )
    return full


def _is_grey(ifd: Ifd) -> bool:
    """With or without alpha."""
    return ifd.samples <= 2 and ifd.photometric != _PALETTE


def _picture_name(ifd: Ifd) -> str | None:
    """What an image's description or page name calls it, where it is one word."""
    said = (ifd.description.strip().lower(), ifd.text(285).strip().lower())
    return next((name for name in _PICTURE_NAMES for text in said if text.startswith(name)), None)


def _associated(pictures: Sequence[Ifd], levels: Sequence[Ifd]) -> dict[str, Ifd]:
    found: dict[str, Ifd] = {}
    for ifd in pictures:
        if any(ifd is level for level in levels):
            continue
        name = _picture_name(ifd)
        if name is None and not ifd.is_tiled and fits(levels[0], ifd):
            name = "thumbnail"
        if name is not None:
            found.setdefault(name, ifd)
    return found


def _vips_properties(description: str) -> dict[str, str]:
    """What libvips copied from the slide it converted."""
    if "<name>" not in description:
        return {}
    return {name: value for name, value in _VIPS_PROPERTY.findall(description) if name.startswith("openslide.")}
