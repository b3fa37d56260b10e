"""Which permission a label, a macro and a thumbnail need."""

from __future__ import annotations

import pytest

from wsi_streamer.access.associated import permission_for, require
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
        ("macro", "hamamatsu ndpi", Permission.LABEL),
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
