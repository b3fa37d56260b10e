"""OME-TIFF: RGB and grey pyramids are served, stacks are refused by name."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile

from tests.support.tiffs import picture
from wsi_streamer.formats.errors import Broken, Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader


def ome(pixels: np.ndarray, **metadata: object) -> bytes:
    """As tifffile writes it, one SubIFD level for two-dimensional pictures."""
    file = io.BytesIO()
    rgb = pixels.shape[-1] == 3
    with tifffile.TiffWriter(file, ome=True) as writer:
        options = {"tile": (64, 64), "photometric": "rgb" if rgb else "minisblack"}
        writer.write(pixels, subifds=1, metadata=metadata, **options)
        half = pixels[..., ::2, ::2, :] if rgb else pixels[..., ::2, ::2]
        writer.write(half, subfiletype=1, **options)
    return file.getvalue()


def described(xml: str, pixels: np.ndarray | None = None) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(picture(128, 96) if pixels is None else pixels, tile=(64, 64), metadata=None, description=xml)
        writer.write(picture(60, 50), metadata=None, rowsperstrip=50)
    return file.getvalue()


def xml(pixels: str = "", images: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Instrument ID="Instrument:0"><Microscope Manufacturer="Maker" Model="Two"/>'
        '<Objective ID="Objective:0" NominalMagnification="40.0"/></Instrument>'
        '<Image ID="Image:0" Name="slide"><AcquisitionDate>2021-02-03T04:05:06</AcquisitionDate>'
        f'<Pixels SizeX="128" SizeY="96" SizeC="3" SizeZ="1" SizeT="1" Type="uint8" {pixels}>'
        f'<Channel SamplesPerPixel="3"/><TiffData IFD="0"/></Pixels></Image>{images}</OME>'
    )


def test_rgb_pyramid() -> None:
    slide = parse(BytesReader(ome(picture(300, 200), axes="YXS", PhysicalSizeX=0.25, PhysicalSizeY=0.25)))
    assert slide.format == "OME-TIFF"
    assert [(level.width, level.height) for level in slide.levels] == [(300, 200), (150, 100)]
    assert slide.mpp_x == 0.25


def test_metadata_and_units() -> None:
    size = 'PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="0.00025" PhysicalSizeYUnit="mm"'
    slide = parse(BytesReader(described(xml(size))))
    assert (slide.mpp_x, slide.mpp_y) == (pytest.approx(0.25), pytest.approx(0.25))
    assert (slide.objective, slide.scanner, slide.acquired) == (40, "Maker Two", "2021-02-03T04:05:06")
    assert slide.properties["ome.Pixels.SizeX"] == "128"


def test_label_is_an_image_of_its_own() -> None:
    label = '<Image ID="Image:1" Name="label image"><Pixels SizeX="60" SizeY="50" Type="uint8"><TiffData IFD="1"/></Pixels></Image>'
    slide = parse(BytesReader(described(xml(images=label))))
    assert [(image.name, image.level.width) for image in slide.associated_images] == [("label", 60)]
    assert len(slide.levels) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ome(np.zeros((5, 100, 120), np.uint8), axes="CYX"), "5 channels"),
        (ome(np.zeros((3, 100, 120), np.uint8), axes="CYX"), "3 channels"),
        (ome(np.zeros((4, 100, 120), np.uint8), axes="ZYX"), "4 focal planes"),
        (ome(np.zeros((4, 100, 120), np.uint8), axes="TYX"), "4 time points"),
        (ome(picture(120, 100).astype(np.uint16), axes="YXS"), "uint16"),
        (
            described('<OME xmlns="http://www.openmicroscopy.org/x"><BinaryOnly MetadataFile="a.ome.tif"/></OME>'),
            "several files",
        ),
    ],
)
def test_refused_by_name(data: bytes, words: str) -> None:
    with pytest.raises(Unsupported, match=f"OME-TIFF.*{words}"):
        parse(BytesReader(data))


def test_damaged_xml() -> None:
    with pytest.raises(Broken, match="OME-XML"):
        parse(BytesReader(described('<OME xmlns="http://www.openmicroscopy.org/x"><Image>')))


def test_a_refusal_repeats_nothing_that_someone_wrote_into_the_file() -> None:
    data = ome(picture(120, 100)).replace(b'Type="uint8"', b'Type="Yamad"')
    with pytest.raises(Unsupported, match="holds other pixels"):
        parse(BytesReader(data))
