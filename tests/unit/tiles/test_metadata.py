"""What is told of a slide to whom."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from wsi_streamer.access.caller import Caller, CallerKind
from wsi_streamer.access.permissions import Permission
from wsi_streamer.access.scope import Scope
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Codec, Recipe
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.metadata import SlideMetadata, slide_metadata
from wsi_streamer.tiles.shown_properties import shown_properties

PERSON = "Yamada Taro"
ID = "s-" + "a" * 24
KEY = f"{PERSON}/S19-1234.svs"
# As Aperio and OME files have them (CMU-1-Small-Region.svs, OS-1-detail.ome.tif), and what people put into them.
HARMLESS = {
    "aperio.AppMag": "20", "aperio.StripeWidth": "2040", "aperio.MPP": "0.4990", "aperio.Left": "25.691574",
    "aperio.LineCameraSkew": "-0.000424", "aperio.OriginalWidth": "46000", "aperio.Filtered": "5",
    "aperio.ScannerType": "GT450", "ome.Pixels.PhysicalSizeX": "0.2270972", "aperio.Exposure Scale": "1e-06",
}  # fmt: skip
TELLING = {
    "aperio.ScanScope ID": "CPAPERIOCS", "aperio.Filename": "CMU-1", "aperio.Date": "12/29/09", "aperio.Time": "09:59:15",
    "aperio.User": "b414003d-95c6-48b0-9369-8010ed517ba7", "aperio.Parmset": "USM Filter", "aperio.ImageID": "1004486",
    "aperio.Title": PERSON, "aperio.DSR ID": "scan-pc", "aperio.Slide": "3", "aperio.Rack": "1", "aperio.Barcode": "S19-1",
    "aperio.ICC Profile": PERSON, "tiff.ImageDescription": "Aperio ...", "tiff.Software": PERSON, "tiff.Make": PERSON,
    "tiff.Model": "x", "tiff.DateTime": "2009:12:29 09:59:15", "tiff.Artist": PERSON, "tiff.HostComputer": "h",
    "tiff.DocumentName": PERSON, "ome.Image.Name": PERSON, "ome.Microscope.Model": PERSON, f"aperio.{PERSON}.MPP": "1",
    "aperio.User.MPP": "1", "MPP": "1",
}  # fmt: skip


def told(kind: CallerKind, *permissions: Permission, ref: str = ID, slide_format: str = "Aperio SVS") -> SlideMetadata:
    level = Level(0, 2220, 2967, 240, 240, 1.0, Recipe("jpeg", "rgb", 3, passthrough=True))
    slide = Slide(
        ID, KEY, "v1", 1, slide_format, (), (level,), scanner=f"Aperio {PERSON}", acquired="2009-12-29",
        properties=HARMLESS | TELLING, associated_images=("label", "macro", "thumbnail", PERSON),
    )  # fmt: skip
    return slide_metadata(slide, ref, Caller(kind, "x", frozenset({Permission.TILES, *permissions}), Scope.all()))


def test_levels_tell_how_they_are_compressed_whatever_the_codec() -> None:
    codecs = get_args(Codec)
    levels = tuple(
        Level(index, 2220, 2967, 240, 240, 1.0, Recipe(codec, "rgb", 3, passthrough=codec == "jpeg"))
        for index, codec in enumerate(codecs)
    )
    slide = Slide(ID, KEY, "v1", 1, "Aperio SVS", (), levels)
    found = slide_metadata(slide, ID, Caller("anyone", "x", frozenset({Permission.TILES}), Scope.all())).levels
    names = {codec: level.compression for codec, level in zip(codecs, found, strict=True)}
    assert (names["jpeg"], names["jpeg2k"], names["lzw"], names["zstd"]) == ("JPEG", "JPEG 2000", "LZW", "Zstandard")
    assert len(set(names.values())) == len(codecs)
    assert [level.compression for level in found if level.passthrough] == ["JPEG"]


@pytest.mark.parametrize("kind", ["anyone", "link", "viewer-token", "grant", "identity"])
def test_without_the_permission_nothing_that_a_person_typed_is_shown(kind: CallerKind) -> None:
    found = told(kind)
    assert found.properties == HARMLESS
    assert (found.scanner, found.acquired, found.associated_images) == (None, None, ["thumbnail"])
    assert PERSON not in msgspec.json.encode(msgspec.structs.replace(found, key=None)).decode()


def test_with_it_all_is_shown_that_the_scanner_wrote() -> None:
    found = told("identity", Permission.METADATA)
    assert found.properties == HARMLESS | TELLING
    assert (found.scanner, found.acquired) == (f"Aperio {PERSON}", "2009-12-29")
    assert found.associated_images == ["thumbnail"], "a label is another permission"


def test_only_those_images_are_named_that_may_be_seen() -> None:
    assert told("grant", Permission.MACRO).associated_images == ["macro", "thumbnail"]
    assert told("grant", Permission.LABEL).associated_images == ["label", "thumbnail"]
    assert told("grant", Permission.MACRO, slide_format="Hamamatsu NDPI").associated_images == ["thumbnail"]
    both = told("grant", Permission.MACRO, Permission.LABEL, slide_format="OME-TIFF")
    assert both.associated_images == ["label", "macro", "thumbnail"]
    assert told("grant", Permission.DOWNLOAD).associated_images == ["label", "macro", "thumbnail"]


def test_grants_and_identities_without_metadata_are_not_told_the_key() -> None:
    assert (told("grant").key, told("grant").slide_id) == (None, ID)
    assert told("grant", ref=KEY).slide_id == KEY, "who asks by it knows it"
    assert told("grant", Permission.METADATA).key == told("grant", Permission.DOWNLOAD).key == KEY
    assert (told("identity").key, told("identity", Permission.METADATA).key) == (None, KEY)
    assert told("viewer-token").key == told("link").key == told("anyone").key == KEY


@pytest.mark.parametrize(
    "value", [PERSON, "12345678", "1 Yamada", "20\n", " 20", "2009-12-29", "0x1F", "", "1.2.3", "２０", "nan"]
)
def test_a_number_is_a_number(value: str) -> None:
    assert shown_properties({"aperio.AppMag": value}) == {}


@pytest.mark.parametrize("value", ["Yamada", "YAMADA", "GT450 Yamada", "GT 450", "AT2\n"])
def test_a_scanner_type_is_a_model_of_aperios(value: str) -> None:
    assert shown_properties({"aperio.ScannerType": value}) == {}
