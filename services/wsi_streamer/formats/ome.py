"""OME-TIFF: 8-bit RGB or grey pyramids are served, all that has channels, planes or time is refused by name.

Facts: https://docs.openmicroscopy.org/ome-model/ - the first image's description holds OME-XML; lower levels are
SubIFDs of the full resolution; label and macro are further Images, found through their TiffData's IFD.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from wsi_streamer.formats import dates, resolution
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.found import Found
from wsi_streamer.formats.generic import levels_of
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.properties import number, tiff_properties

_MICRONS = {
    "pm": 1e-6, "nm": 1e-3, "µm": 1.0, "μm": 1.0, "um": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6, "in": 25_400.0,
    "Å": 1e-4,
}  # fmt: skip
_TYPES = frozenset(
    ("int8", "int16", "int32", "uint16", "uint32", "float", "double", "complex", "double-complex", "bit")
)
"""What OME-XML may call other pixels: a refusal is shown in lists, and repeats nothing else that a file says."""

_NAMES = ("label", "macro", "thumbnail")


def is_ome(ifds: Sequence[Ifd]) -> bool:
    """Whether the first image's description is OME-XML."""
    text = ifds[0].description
    return ("<OME" in text and "openmicroscopy.org" in text) or text.rstrip().endswith("</OME>")


def read(ifds: Sequence[Ifd]) -> Found:
    """The slide.

    Raises:
        Unsupported: channels, planes, times, more than 8 bits, or pixels in other files.
        Broken: its XML can't be read.
    """
    root = _xml(ifds[0].description)
    images = _images(root)
    image = _slide_image(images)
    pixels = _need(image, "Pixels")
    full = _ifd(ifds, pixels)
    _check_channels(pixels, full)
    if not full.is_tiled:
        raise Unsupported(f"An OME-TIFF that is not tiled ({full.width} x {full.height} pixels in strips).")
    levels = levels_of(full, [ifd for ifd in ifds if ifd is full or ifd.subfile_type & 1])
    objective = _first(root, "Objective")
    microscope = _first(root, "Microscope")
    date = _child(image, "AcquisitionDate")
    x, y = (_size(pixels, axis) for axis in "XY")
    tags = resolution.of_tags(full)
    return Found(
        format="OME-TIFF",
        levels=tuple(levels),
        associated=_associated(ifds, images, levels),
        mpp_x=x or tags[0],
        mpp_y=y or tags[1],
        objective=_magnification(objective),
        scanner=_made_by(microscope),
        acquired=dates.tiff(date.text or "") if date is not None else dates.tiff(full.text(306)),
        properties={**_properties(image, pixels, objective, microscope), **tiff_properties(full)},
    )


def _xml(text: str) -> ElementTree.Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Broken("Its OME-XML defines entities, which OME-XML never does.")
    try:
        return ElementTree.fromstring(text.strip().rstrip("\0"))  # noqa: S314 - no entities, and a sandbox around it
    except (ElementTree.ParseError, ValueError) as error:
        raise Broken("Its OME-XML is damaged.") from error


def check_first(first: Ifd) -> None:
    """Refuse what the XML alone rules out, before hundreds of planes are read.

    Raises:
        Unsupported: planes, times, more than 8 bits, or pixels in other files.
        Broken: its XML can't be read.
    """
    root = _xml(first.description)
    if _child(root, "BinaryOnly") is not None:
        raise Unsupported("This OME-TIFF is a part of several files, which is not served.")
    pixels = _need(_slide_image(_images(root)), "Pixels")
    kind = pixels.get("Type", pixels.get("PixelType", "uint8"))
    if kind.lower() != "uint8":
        named = kind if kind.lower() in _TYPES else "other"
        raise Unsupported(f"This OME-TIFF holds {named} pixels; only 8-bit (uint8) ones are served.")
    for axis, name in (("Z", "focal planes"), ("T", "time points")):
        count = _count(pixels, axis)
        if count > 1:
            raise Unsupported(f"This OME-TIFF has {count} {name}; only single planes are served.")
    if _count(pixels, "C") not in (1, 3, 4):
        raise Unsupported(f"This OME-TIFF has {_count(pixels, 'C')} channels; only grey and RGB are served.")
    files = {data.get("FileName") for data in pixels.iter() if _tag(data) == "UUID" and data.get("FileName")}
    if len(files) > 1:
        raise Unsupported("The pixels of this OME-TIFF stand in several files, which is not served.")


def _check_channels(pixels: ElementTree.Element, full: Ifd) -> None:
    """All channels are samples of one directory."""
    count = _count(pixels, "C")
    if count > 1 and full.samples != count:
        raise Unsupported(f"This OME-TIFF has {count} channels; only grey and RGB are served.")


def _count(pixels: ElementTree.Element, axis: str) -> int:
    return int(number(pixels.get(f"Size{axis}", "1")) or 1)


def _images(root: ElementTree.Element) -> list[ElementTree.Element]:
    images = [image for image in root if _tag(image) == "Image" and _child(image, "Pixels") is not None]
    if not images:
        raise Broken("Its OME-XML names no image.")
    return images


def _slide_image(images: Sequence[ElementTree.Element]) -> ElementTree.Element:
    """The largest that is not called a label or macro: writers put it first, but need not."""
    unnamed = [image for image in images if _picture_name(image) is None] or list(images)
    return max(unnamed, key=lambda image: _count(_need(image, "Pixels"), "X") * _count(_need(image, "Pixels"), "Y"))


def _picture_name(image: ElementTree.Element) -> str | None:
    said = image.get("Name", "").lower()
    return next((n for n in _NAMES if n in said), "macro" if "overview" in said else None)


def _ifd(ifds: Sequence[Ifd], pixels: ElementTree.Element) -> Ifd:
    """The directory of an Image's first plane."""
    data = _child(pixels, "TiffData")
    index = int(number(data.get("IFD", "0")) or 0) if data is not None else 0
    if not 0 <= index < len(ifds):
        raise Broken(f"Its OME-XML names image {index + 1}, but the file has {len(ifds)}.")
    return ifds[index]


def _associated(ifds: Sequence[Ifd], images: Sequence[ElementTree.Element], levels: Sequence[Ifd]) -> dict[str, Ifd]:
    found: dict[str, Ifd] = {}
    for image in images:
        name = _picture_name(image)
        try:
            ifd = _ifd(ifds, _need(image, "Pixels"))
        except Broken:
            continue
        if name and not any(ifd is level for level in levels):
            found.setdefault(name, ifd)
    return found


def _size(pixels: ElementTree.Element, axis: str) -> float | None:
    """µm a pixel."""
    value = number(pixels.get(f"PhysicalSize{axis}"))
    micron = _MICRONS.get(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
    return resolution.plausible(value * micron) if value and micron else None


def _magnification(objective: ElementTree.Element | None) -> float | None:
    if objective is None:
        return None
    return number(objective.get("NominalMagnification") or objective.get("CalibratedMagnification")) or None


def _made_by(microscope: ElementTree.Element | None) -> str | None:
    if microscope is None:
        return None
    return " ".join(v for v in (microscope.get("Manufacturer"), microscope.get("Model")) if v) or None


def _properties(image: ElementTree.Element, *parts: ElementTree.Element | None) -> dict[str, str]:
    """The attributes of the elements that describe the slide, as ``ome.Pixels.SizeX`` and so on."""
    found: dict[str, str] = {}
    if image.get("Name"):
        found["ome.Image.Name"] = image.get("Name", "")
    for part in parts:
        if part is not None:
            found |= {f"ome.{_tag(part)}.{name}": value for name, value in part.attrib.items() if name != "ID"}
    return found


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: ElementTree.Element, tag: str) -> ElementTree.Element | None:
    return next((child for child in element if _tag(child) == tag), None)


def _need(element: ElementTree.Element, tag: str) -> ElementTree.Element:
    child = _child(element, tag)
    if child is None:
        raise Broken(f"Its OME-XML has an image without {tag}.")
    return child


def _first(root: ElementTree.Element, tag: str) -> ElementTree.Element | None:
    return next((element for element in root.iter() if _tag(element) == tag), None)
