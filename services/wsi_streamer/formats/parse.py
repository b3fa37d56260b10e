"""One object's bytes to one slide: the parser, as it runs in its own process."""

from __future__ import annotations

from wsi_streamer.formats import aperio, generic, magic, ome, vendors
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.found import Found
from wsi_streamer.formats.ifd import Ifd
from wsi_streamer.formats.properties import bounded, clean
from wsi_streamer.formats.pyramid import build, level_of
from wsi_streamer.formats.ranged_file import RangedFile
from wsi_streamer.formats.reader import RangeReader
from wsi_streamer.formats.tiff_file import directories, is_tiff
from wsi_streamer.slides.slide import AssociatedImage, ParsedSlide

_ICC_PROFILE = 34675


def parse(reader: RangeReader) -> ParsedSlide:
    """The slide in an object.

    Raises:
        Unsupported: not a slide, or one that can't be served rightly; the reason names it.
        Broken: truncated or damaged.
    """
    file = RangedFile(reader)
    _check_magic(file)
    if vendors.is_large_ndpi(file):
        raise Unsupported("Hamamatsu NDPI is not served yet.")
    chain = directories(file)
    first = next(chain)
    # Before the rest is read: what a vendor's own rules make of the chain may look like damage to us.
    _refuse_vendors((first,))
    if ome.is_ome((first,)):
        ome.check_first(first)
    ifds = (first, *chain)
    _refuse_vendors(ifds)
    found = _read(ifds)
    levels, tables = build(found.levels, finer=found.finer)
    return ParsedSlide(
        format=found.format,
        levels=levels,
        tables=tables,
        mpp_x=found.mpp_x,
        mpp_y=found.mpp_y,
        objective=found.objective,
        scanner=clean(found.scanner, 200) if found.scanner else None,
        acquired=found.acquired,
        icc_profile=_ICC_PROFILE in found.levels[0],
        properties=bounded(found.properties),
        associated_images=_associated(found),
    )


def _refuse_vendors(ifds: tuple[Ifd, ...]) -> None:
    vendor = vendors.refused_vendor(ifds)
    if vendor is not None:
        raise Unsupported(f"{vendor} is not served yet.")


def _check_magic(file: RangedFile) -> None:
    head = file.read_at(0, 256)
    if is_tiff(head):
        return
    name = magic.name_of(head)
    if name is not None:
        raise Unsupported(f"This is not a TIFF but {name}, which is not served.")
    if not head:
        raise Broken("The object is empty.")
    if not head.strip(b"\0"):
        raise Broken("The object begins with nothing but zeros: its upload was cut short, or it is not a slide.")
    raise Unsupported("This is neither a TIFF nor any other known image file.")


def _read(ifds: tuple[Ifd, ...]) -> Found:
    if aperio.is_aperio(ifds):
        return aperio.read(ifds)
    if ome.is_ome(ifds):
        return ome.read(ifds)
    return generic.read(ifds)


def _associated(found: Found) -> tuple[AssociatedImage, ...]:
    """Those that can be shown; what is wrong with the others harms nobody."""
    images: list[AssociatedImage] = []
    for name, ifd in found.associated.items():
        try:
            level, table = level_of(ifd, 0, 1.0)
        except (Broken, Unsupported):
            continue
        images.append(AssociatedImage(name, level, table))
    return tuple(images)
