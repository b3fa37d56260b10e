"""What a file is by its first bytes, for those that are no TIFF."""

from __future__ import annotations

_DICOM_AT = 128

_STARTS = (
    (b"ZISRAWFILE", "Zeiss CZI"),
    (b"SIS0", "Olympus ETS"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE2 file (as Zeiss ZVI, Olympus OIB and Motic MDS are)"),
    (b"SQLite format 3\0", "an SQLite file (as Sakura SVSLIDE is)"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (as Imaris and BigDataViewer are)"),
    (b"PK\x03\x04", "a ZIP archive (a zipped MIRAX or Zarr?)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xff\xd8\xff", "a plain JPEG (as MIRAX and Hamamatsu VMS keep beside their index file)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "a plain JPEG 2000 file"),
    (b"\xff\x4f\xff\x51", "a plain JPEG 2000 codestream"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "a plain JPEG XL file"),
    (b"BM", "a BMP"),
    (b"GIF8", "a GIF"),
    (b"%PDF-", "a PDF"),
    (b"II\xbc\x01", "a plain JPEG XR file"),
    (b"[GENERAL]", "a MIRAX or Hamamatsu index file"),
    (b"[Virtual Microscope Specimen]", "Hamamatsu VMS"),
    (b"<?xml", "an XML file"),
    (b"<html", "an HTML page"),
    (b"<!DOCTYPE", "an HTML page"),
    (b"II\x55\x00", "Panasonic raw camera data"),
    (b"IIRO", "Olympus raw camera data"),
    (b"IIRS", "Olympus raw camera data"),
)


def name_of(head: bytes) -> str | None:
    """What a file that begins with ``head`` (132 bytes at least, or all of it) is; None where nothing is known.

    A TIFF is not named here.
    """
    if head[_DICOM_AT : _DICOM_AT + 4] == b"DICM":
        return "DICOM"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a plain WebP"
    if b"DPUfsImport" in head:
        return "Philips iSyntax"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((name for start, name in _STARTS if head.startswith(start) or text.startswith(start)), None)
