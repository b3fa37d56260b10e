"""Aperio SVS: what ScanScope, AT2, CS2 and GT450 scanners and ImageScope write.

Facts: the description's first line names the library, what follows up to the first ``|`` the geometry and codec, and
the rest is ``name = value`` between bars. The second image is the thumbnail, in strips; label and macro come last,
named in their descriptions' second line, except on GT450, where NewSubfileType says it (1 label, 9 macro).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from wsi_streamer.formats import dates, resolution
from wsi_streamer.formats.errors import Unsupported
from wsi_streamer.formats.found import Found
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.properties import number, tiff_properties
from wsi_streamer.formats.pyramid import fits, levels_among

_LABEL, _MACRO = 1, 9

_MODEL = re.compile(r"Aperio Leica Biosystems (\S+(?: \S+)??) v\d")


def is_aperio(ifds: Sequence[Ifd]) -> bool:
    """Whether the first image's description is Aperio's."""
    return ifds[0].description.startswith("Aperio")


def read(ifds: Sequence[Ifd]) -> Found:
    """The slide.

    Raises:
        Unsupported: its first image is not tiled.
    """
    full = ifds[0]
    if not full.is_tiled:
        raise Unsupported("An Aperio file whose first image is not tiled.")
    said = properties(full.description)
    plane = said.get("OffsetZ")
    candidates = [
        ifd for ifd in _flat(ifds) if _name(ifd) is None and properties(ifd.description).get("OffsetZ", plane) == plane
    ]
    levels = levels_among(full, candidates)
    mpp = resolution.plausible(number(said.get("MPP")))
    tags = resolution.of_tags(full)
    return Found(
        format="Aperio SVS",
        levels=tuple(levels),
        associated=_associated(ifds, levels),
        finer=True,
        mpp_x=mpp or tags[0],
        mpp_y=mpp or tags[1],
        objective=number(said.get("AppMag")) or None,
        scanner=_scanner(full, said),
        acquired=dates.aperio(said) or dates.tiff(full.text(306)),
        properties={**{f"aperio.{name}": value for name, value in said.items()}, **tiff_properties(full)},
    )


def properties(description: str) -> dict[str, str]:
    """The ``name = value`` pairs of an Aperio description, in its order."""
    pairs: dict[str, str] = {}
    for part in description.split("|")[1:]:
        name, equals, value = part.partition("=")
        if equals and name.strip():
            pairs[name.strip()] = value.strip()
    return pairs


def _scanner(full: Ifd, said: Mapping[str, str]) -> str | None:
    make = " ".join(part for part in (full.text(271), full.text(272)) if part)
    model = _MODEL.match(full.description)
    name = said.get("ScannerType") or make or (f"Aperio {model[1]}" if model else "")
    scope = said.get("ScanScope ID", "")
    return name or (f"Aperio {scope}" if scope else None)


def _name(ifd: Ifd) -> str | None:
    """What an associated image's description calls it."""
    lines = ifd.description.split("|")[0].splitlines()
    word = lines[1].strip().split(" ")[0].lower() if len(lines) > 1 else ""
    return word if word in ("label", "macro", "thumbnail") else None


def _associated(ifds: Sequence[Ifd], levels: Sequence[Ifd]) -> dict[str, Ifd]:
    found: dict[str, Ifd] = {}
    for index, ifd in enumerate(ifds):
        if any(ifd is level for level in levels):
            continue
        name = _name(ifd)
        if name is None and ifd.subfile_type in (_LABEL, _MACRO):
            name = "label" if ifd.subfile_type == _LABEL else "macro"
        # Of the slide's proportions: what an unnamed picture shows that isn't may be the label.
        if name is None and index == 1 and not ifd.is_tiled and fits(levels[0], ifd):
            name = "thumbnail"
        if name is not None:
            found.setdefault(name, ifd)
    return found


def _flat(ifds: Sequence[Ifd]) -> list[Ifd]:
    return [image for ifd in ifds for image in (ifd, *ifd.children)]
