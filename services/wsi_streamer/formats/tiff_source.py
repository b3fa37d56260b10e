"""What tifffile's tag decoder needs to know of the file a tag stands in."""

from __future__ import annotations

from dataclasses import dataclass

from tifffile import FileHandle
from tifffile.tifffile import TiffFormat

from wsi_streamer.formats.ranged_file import RangedFile


@dataclass(frozen=True, slots=True)
class TiffSource:
    """Stands where ``TiffTag.fromfile`` wants a ``TiffFile``: a whole ``TiffFile`` would begin to interpret the
    file by itself (LSM, NDPI, ScanImage, …), with more reads and more ways to fail."""

    tiff: TiffFormat
    filehandle: FileHandle
    file: RangedFile
