"""Aperio SVS: levels, associated images and metadata."""

from __future__ import annotations

import io

import pytest
import tifffile

from tests.support.tiffs import picture
from wsi_streamer.formats import aperio, dates
from wsi_streamer.formats.errors import Unsupported
from wsi_streamer.formats.parse import parse
from wsi_streamer.formats.reader import BytesReader
from wsi_streamer.slides.slide import ParsedSlide

FIRST = "Aperio Image Library v12\r\n512x384 [0,0 512x384] (64x64) JPEG/RGB Q=70"


def svs(rest: str = "|AppMag = 40|MPP = 0.2501", *, gt450: bool = False, planes: int = 1, tiled: bool = True,
        first: str = FIRST) -> bytes:  # fmt: skip
    file = io.BytesIO()
    tile = {"tile": (64, 64)} if tiled else {"rowsperstrip": 16}
    with tifffile.TiffWriter(file) as writer:

        def put(width: int, height: int, description: str, **options: object) -> None:
            writer.write(picture(width, height), photometric="rgb", metadata=None, description=description,
                         compression="jpeg", **options)  # fmt: skip

        for plane in range(planes):
            z = f"|OffsetZ = {plane}" if planes > 1 else ""
            put(512, 384, first + rest + z, **tile)
            if plane == 0:
                put(160, 120, "Aperio Image Library v12\r\n512x384 -> 160x120 - |AppMag = 40", rowsperstrip=16)
            put(128, 96, "Aperio Image Library v12\r\n512x384 (64x64) -> 128x96 JPEG/RGB Q=70" + z, **tile)
        name = "" if gt450 else "label 90x80"
        put(90, 80, f"Aperio Leica Biosystems GT450 v1\r\n{name}", rowsperstrip=16, subfiletype=1)
        name = "" if gt450 else "macro 300x100"
        put(300, 100, f"Aperio Leica Biosystems GT450 v1\r\n{name}", rowsperstrip=16, subfiletype=9)
    return file.getvalue()


def parsed(data: bytes) -> ParsedSlide:
    return parse(BytesReader(data))


@pytest.mark.parametrize("gt450", [False, True])
def test_levels_and_associated_images(gt450: bool) -> None:
    slide = parsed(svs(gt450=gt450))
    assert slide.format == "Aperio SVS"
    assert [(level.width, level.sparse) for level in slide.levels] == [(512, "background"), (128, "finer")]
    sizes = {image.name: (image.level.width, image.level.height) for image in slide.associated_images}
    assert sizes == {"thumbnail": (160, 120), "label": (90, 80), "macro": (300, 100)}
    assert all(len(image.table) == image.level.entries for image in slide.associated_images)


def test_planes_of_a_stack_are_not_levels() -> None:
    slide = parsed(svs(planes=3))
    assert [level.width for level in slide.levels] == [512, 128]
    first = parsed(svs())
    assert slide.tables[0].range_at(0).offset < slide.tables[1].range_at(0).offset
    assert len(first.tables) == 2


def test_metadata() -> None:
    slide = parsed(
        svs("|AppMag = 20|ScanScope ID = SS1302|Date = 12/29/09|Time = 09:59:15|Time Zone = GMT-05:00|MPP = 0,4990")
    )
    assert (slide.mpp_x, slide.mpp_y, slide.objective) == (0.499, 0.499, 20)
    assert slide.acquired == "2009-12-29T09:59:15-05:00"
    assert slide.scanner == "Aperio SS1302"
    assert slide.properties["aperio.ScanScope ID"] == "SS1302"


@pytest.mark.parametrize("rest", ["", "|MPP = 0", "|MPP = ", "|MPP = nan", "|MPP = 1e999", "|MPP = -1", "|||=|= 5"])
def test_mpp_that_is_none(rest: str) -> None:
    slide = parsed(svs(rest))
    assert slide.mpp_x is None
    assert slide.objective is None


def test_first_image_in_strips() -> None:
    with pytest.raises(Unsupported, match="not tiled"):
        parsed(svs(tiled=False))


def test_properties_are_bounded_and_clean() -> None:
    many = "".join(f"|Name {i} = {'x' * 50}" for i in range(500)) + "|Long = " + "y" * 9000
    slide = parsed(svs("|Odd\x01 = \x07va\x1blue" + many))
    assert slide.properties["aperio.Odd"] == "value"
    assert len(slide.properties) == 200
    assert max(map(len, slide.properties.values())) <= 2000


def test_values_may_hold_equals_signs() -> None:
    assert aperio.properties("Aperio|a = b = c|no equals| d=e ") == {"a": "b = c", "d": "e"}


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ({"Date": "03/04/2020"}, "2020-03-04"),
        ({"Date": "03/04/20", "Time": "01:02:03"}, "2020-03-04T01:02:03"),
        ({"Date": "25/04/2020", "Time": "01:02:03", "Time Zone": "GMT+0100"}, "2020-04-25T01:02:03+01:00"),
        ({"Date": "2020-04-03", "Time": "01:02:03"}, "2020-04-03T01:02:03"),
        ({"Date": "99/99/2020"}, None),
        ({"Date": "yesterday"}, None),
        ({"Time": "01:02:03"}, None),
        ({"Date": "03/04/20", "Time": "77:02:03"}, None),
    ],
)
def test_dates(said: dict[str, str], iso: str | None) -> None:
    assert dates.aperio(said) == iso


def test_tiff_dates() -> None:
    assert dates.tiff("2009:12:29 09:59:15") == "2009-12-29T09:59:15"
    assert dates.tiff("2009-12-29T09:59:15.123Z") == "2009-12-29T09:59:15"
    assert dates.tiff("0000:00:00 00:00:00") is None


def test_scanner_of_a_gt450_is_in_the_first_line() -> None:
    first = "Aperio Leica Biosystems GT450 v1.0.1\r\n512x384 [0,0,512x384] (64x64) JPEG/YCC Q=91"
    assert parsed(svs("|ScanScope ID = SS45001", first=first)).scanner == "Aperio GT450"


@pytest.mark.parametrize(("size", "names"), [((160, 120), ["thumbnail"]), ((90, 80), []), ((300, 100), [])])
def test_an_unnamed_picture_is_a_thumbnail_only_if_it_has_the_slides_proportions(
    size: tuple[int, int], names: list[str]
) -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(picture(512, 384), photometric="rgb", metadata=None, description=FIRST, tile=(64, 64))
        writer.write(
            picture(*size), photometric="rgb", metadata=None, description="Aperio Image Library", rowsperstrip=16
        )
    assert [image.name for image in parsed(file.getvalue()).associated_images] == names
