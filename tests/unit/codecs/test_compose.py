"""Several tiles as one picture."""

from __future__ import annotations

from typing import Any

import imagecodecs
import numpy as np
import pytest

from tests.unit.codecs.streams import Pixels, difference, encoded, field
from wsi_streamer.codecs.compose import DAMAGED, Finer, fields_beneath, padded, render
from wsi_streamer.codecs.resize import shrink
from wsi_streamer.slides.geometry import Field
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe

WHOLE = field(150, 200)
LEVEL = Level(0, 200, 150, 64, 64, 1.0, Recipe("none", "rgb", 3))


def parts(*, padding: int = 0) -> dict[tuple[int, int], list[bytes] | None]:
    """All tiles, whatever lies beyond the level filled with ``padding``."""
    canvas = np.full((192, 256, 3), padding, np.uint8)
    canvas[:150, :200] = WHOLE
    return {(x, y): [canvas[y * 64 : y * 64 + 64, x * 64 : x * 64 + 64].tobytes()] for y in range(3) for x in range(4)}


def whole(width: int, height: int, padding: int = 0) -> Pixels:
    return render(LEVEL, parts(padding=padding), Field(0, 0, 200, 150), width, height)


def test_tiles_join_without_a_seam() -> None:
    assert np.array_equal(whole(200, 150), WHOLE)


@pytest.mark.parametrize(("width", "height"), [(100, 75), (50, 37), (67, 50), (25, 19), (20, 15), (16, 12), (12, 9)])
def test_made_smaller_as_the_whole_would_be(width: int, height: int) -> None:
    assert difference(whole(width, height), shrink(WHOLE, width, height)) < 1


def test_padding_never_bleeds_into_the_edge() -> None:
    assert np.array_equal(whole(67, 50, padding=0), whole(67, 50, padding=255))


def test_a_part_of_some_tiles() -> None:
    some = {place: stored for place, stored in parts().items() if place in ((1, 1), (2, 1))}
    assert np.array_equal(render(LEVEL, some, Field(70, 66, 170, 126), 100, 60), WHOLE[66:126, 70:170])


def test_a_tile_without_bytes_is_white() -> None:
    with_hole = parts() | {(1, 1): None}
    shown = render(LEVEL, with_hole, Field(0, 0, 200, 150), 200, 150)
    assert shown[64:128, 64:128].min() == 255
    assert np.array_equal(shown[:64], WHOLE[:64])


def test_a_tile_without_bytes_shows_the_finer_level() -> None:
    coarse = Level(1, 100, 75, 64, 64, 2.0, LEVEL.recipe, sparse="finer")
    fields = fields_beneath(coarse, LEVEL, [(0, 0), (1, 0), (0, 1), (1, 1)], 64)
    assert fields[1, 1] == Field(128, 128, 200, 150)
    finer = {at: Finer(LEVEL, {p: parts()[p] for p in f.tiles(LEVEL)}, f) for at, f in fields.items()}
    shown = render(coarse, finer, Field(0, 0, 100, 75), 100, 75)
    assert difference(shown, shrink(WHOLE, 100, 75)) < 1


def test_finer_tiles_are_counted_once_and_only_so_many() -> None:
    coarse = Level(1, 100, 75, 50, 50, 2.0, LEVEL.recipe, sparse="finer")
    # Each takes 2 x 2 tiles of 64 pixels or less, and neighbours share some of them.
    assert list(fields_beneath(coarse, LEVEL, [(0, 0), (1, 0)], 8)) == [(0, 0), (1, 0)]
    assert list(fields_beneath(coarse, LEVEL, [(0, 0), (1, 0)], 4)) == [(0, 0)]
    assert fields_beneath(coarse, LEVEL, [(0, 0)], 3) == {}


def test_a_tile_that_does_not_decode_is_grey_and_named() -> None:
    damaged: list[tuple[int, int]] = []
    shown = render(LEVEL, parts() | {(1, 1): [b"?"]}, Field(0, 0, 200, 150), 200, 150, damaged)
    assert damaged == [(1, 1)]
    assert np.unique(shown[64:128, 64:128]).tolist() == [DAMAGED]
    assert np.array_equal(shown[:64], WHOLE[:64])


def test_padded_keeps_the_picture_and_fills_with_white() -> None:
    tile = padded(WHOLE[:20, :30], 64, 64)
    assert np.array_equal(tile[:20, :30], WHOLE[:20, :30])
    assert tile[20:].min() == 255
    assert tile[:, 30:].min() == 255
    assert padded(tile, 64, 64) is tile


def jpeg(pixels: Pixels) -> bytes:
    return encoded(pixels, rgb=False)


def jpeg2000(pixels: Pixels) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k"))


@pytest.mark.parametrize(("width", "height"), [(250, 190), (125, 95), (64, 48), (60, 45), (19, 14)])
@pytest.mark.parametrize("codec", ["jpeg", "jpeg2k"])
def test_tiles_decoded_small_join_as_the_whole_would(codec: Any, width: int, height: int) -> None:
    """Edges included: 500 x 380 pixels leave padding, of a colour that must not show, in tiles of 64."""
    picture = field(380, 500)
    canvas = np.zeros((384, 512, 3), np.uint8)
    canvas[:380, :500] = picture
    code = jpeg if codec == "jpeg" else jpeg2000
    level = Level(0, 500, 380, 64, 64, 1.0, Recipe(codec, "ycbcr" if codec == "jpeg" else "rgb", 3))
    tiles = {
        (x, y): [code(np.ascontiguousarray(canvas[y * 64 : y * 64 + 64, x * 64 : x * 64 + 64]))]
        for y in range(6)
        for x in range(8)
    }
    shown = render(level, tiles, Field(0, 0, 500, 380), width, height)
    expected = shrink(picture, width, height)
    assert difference(shown, expected) < 1.5
    # Where two tiles meet the picture is as good as anywhere.
    assert np.abs(shown.astype(int) - expected).max() < 16
