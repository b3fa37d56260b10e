"""What is not served is refused by its name, whatever the file is called."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import tifffile

from tests.support.tiffs import ASCII, LONG, SHORT, Tag, number, picture, plain, text, written
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader

XMP = b'<xmp><iScan Magnification="40"/></xmp>'


def refusal(data: bytes) -> str:
    with pytest.raises(Unsupported) as caught:
        parse(BytesReader(data))
    return caught.value.reason


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"ZISRAWFILE" + bytes(200), "Zeiss CZI"),
        (bytes(128) + b"DICM" + bytes(200), "DICOM"),
        (b"II\x2a\x00" + bytes(124) + b"", "never finished"),
        (b"PK\x03\x04" + bytes(200), "ZIP"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "PNG"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(200), "JPEG 2000"),
        (b"SQLite format 3\0" + bytes(200), "SVSLIDE"),
        (b"\r\n<?xml version='1.0'?><Error>", "XML"),
        (b"hello, world", "neither"),
        (b"", "empty"),
        (bytes(1000), "zeros"),
    ],
)
def test_by_first_bytes(head: bytes, name: str) -> None:
    with pytest.raises((Unsupported, Broken), match=name):
        parse(BytesReader(head))


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ((65420, LONG, 1, 1), "Hamamatsu NDPI"),
        (text(270, '<?xml?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01">'), "Leica SCN"),
        ((700, 1, len(XMP), XMP), "Ventana BIF"),
        (text(305, "Philips DP v1.0"), "Philips"),
        (text(270, '<DataObject ObjectType="DPUfsImport">'), "Philips"),
        (text(270, "<PerkinElmer-QPI-ImageDescription>"), "QPTIFF"),
        (text(305, "PerkinElmer-QPI"), "QPTIFF"),
        (text(305, "MedScan"), "Trestle"),
        (text(270, "ImageJ=1.53\nimages=12\nslices=12\n"), "ImageJ"),
        ((34412, 1, 500, 0), "LSM"),
        ((33629, 5, 4, 0), "STK"),
    ],
)
def test_by_vendor(tag: Tag, name: str) -> None:
    assert name in refusal(plain(extra=[tag]))


def test_ndpi_beyond_four_gigabytes() -> None:
    class Sparse:
        size = 5 << 30

        def read(self, offset: int, length: int) -> bytes:
            data = bytearray(length)
            for at, part in ((0, head), (place, ifd)):
                for i, byte in enumerate(part):
                    if offset <= at + i < offset + length:
                        data[at + i - offset] = byte
            return bytes(data)

    place = (4 << 30) + 1000
    head = b"II\x2a\x00" + struct.pack("<Q", place)
    ifd = struct.pack("<H", 1) + struct.pack("<HHII", 65420, LONG, 1, 1)
    with pytest.raises(Unsupported, match="NDPI"):
        parse(Sparse())


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([number(258, 16)], "16 bits"),
        ([(258, SHORT, 3, struct.pack("<HHH", 8, 8, 16))], "8, 16 bits"),
        ([number(258, 1)], "1 bits"),
        ([(339, SHORT, 3, struct.pack("<HHH", 3, 3, 3))], "floating point"),
        ([number(339, 2)], "signed"),
        ([number(262, 5), number(277, 4), number(258, 8)], "CMYK"),
        ([number(262, 8)], "L[*]a[*]b"),
        ([number(262, 32803), number(277, 1), number(258, 8)], "camera"),
        ([number(277, 7), number(258, 8)], "7 channels"),
        ([number(262, 1), number(277, 3)], "3 channels"),
        ([number(259, 6)], "old-style JPEG"),
        ([number(259, 4)], "CCITT"),
        ([number(259, 4711)], "compression 4711"),
        ([number(259, 5), number(317, 3)], "predictor"),
        ([number(259, 5), number(317, 34892)], "predictor 34892"),
        ([number(32997, 5)], "volume"),
    ],
)
def test_by_samples(tags: list[Tag], words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        parse(BytesReader(plain(extra=tags)))


def test_strips() -> None:
    data = written([picture(300, 200)], photometric="rgb", tile=None, rowsperstrip=16)
    assert "not tiled (300 x 200" in refusal(data)


def test_masks_alone() -> None:
    assert "masks" in refusal(plain(extra=[number(254, 4)]))


def test_grey_images_of_one_size_are_channels() -> None:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((3, 80, 100), np.uint8), tile=(32, 32), photometric="minisblack", metadata=None)
    assert "3 grey images" in refusal(file.getvalue())


def test_sixteen_bit_tifffile() -> None:
    assert "16 bits" in refusal(written([picture(100, 80).astype(np.uint16)], photometric="rgb"))


def test_name_in_an_unreadable_description_is_not_needed() -> None:
    slide = parse(BytesReader(plain(extra=[(270, ASCII, 10**6, 10**6)])))
    assert slide.format == "Generic Pyramidal TIFF"
