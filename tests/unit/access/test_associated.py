"""Which permission a label, a macro and a thumbnail need."""

from __future__ import annotations

import pytest

from wsi_streamer.access.associated import may_see, permission_for, require
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission
from wsi_streamer.slides.errors import Forbidden


@pytest.mark.parametrize(
    ("name", "slide_format", "needed"),
    [
        ("thumbnail", "Aperio SVS", Permission.TILES),
        ("label", "Aperio SVS", Permission.LABEL),
        ("macro", "Aperio SVS", Permission.MACRO),
        ("macro", "", Permission.MACRO),
        ("macro", "Hamamatsu NDPI", Permission.LABEL),
        ("macro", "OME-TIFF", Permission.LABEL),
        ("macro", "Generic Pyramidal TIFF", Permission.LABEL),
        ("thumbnail", "Hamamatsu NDPI", Permission.TILES),
        ("Thumbnail", "Aperio SVS", Permission.LABEL),
        ("thumbnail ", "Aperio SVS", Permission.LABEL),
        ("overview", "Aperio SVS", Permission.LABEL),
        ("", "", Permission.LABEL),
    ],
)
def test_what_is_not_known_to_be_harmless_counts_as_a_label(name: str, slide_format: str, needed: Permission) -> None:
    assert permission_for(name, slide_format) is needed


def test_a_macro_is_no_label_and_a_label_is_no_macro() -> None:
    sees_macro = Caller("grant", "g", frozenset({Permission.TILES, Permission.MACRO}))
    require(sees_macro, permission_for("macro", "Aperio SVS"))
    for name, slide_format in (("label", "Aperio SVS"), ("macro", "Hamamatsu NDPI")):
        with pytest.raises(Forbidden):
            require(sees_macro, permission_for(name, slide_format))
    with pytest.raises(Forbidden):
        require(Caller("grant", "g", frozenset({Permission.LABEL})), permission_for("macro", "Aperio SVS"))
    require(Caller("grant", "g", frozenset({Permission.DOWNLOAD})), permission_for("label", "Aperio SVS"))


def test_a_macro_that_may_show_the_label_takes_both_permissions() -> None:
    macro, label = Permission.MACRO, Permission.LABEL
    for held, slide_format, seen in (
        ({macro}, "Aperio SVS", True),
        ({label}, "Aperio SVS", False),
        ({macro}, "OME-TIFF", False),
        ({label}, "OME-TIFF", False),
        ({macro, label}, "OME-TIFF", True),
        ({Permission.DOWNLOAD}, "Hamamatsu NDPI", True),
        (set(Permission) - {macro, Permission.DOWNLOAD}, "Aperio SVS", False),
    ):
        assert may_see(Caller("grant", "g", frozenset(held)), "macro", slide_format) is seen
    assert not may_see(Caller("grant", "g", frozenset(Permission)), "unknown", "Aperio SVS")
