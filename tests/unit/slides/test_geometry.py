"""Where parts of a picture of the whole slide lie in a level."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.slides.geometry import Field, PixelRect, project
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe


def level(width: int, height: int) -> Level:
    return Level(0, width, height, 256, 256, 1.0, Recipe("jpeg", "rgb", 3))


@pytest.mark.parametrize("size", [(2222, 1784), (2221, 1783), (2222, 1783)])
def test_half_of_an_odd_size_is_two_to_one_and_touches_no_slivers(size: tuple[int, int]) -> None:
    source = level(4443, 3567)
    field = project(PixelRect(256, 256, 256, 256), *size, source)
    assert field == Field(512, 512, 1024, 1024)
    assert len(field.tiles(source)) == 4


def test_the_edge_is_the_levels_own() -> None:
    assert project(PixelRect(2048, 0, 174, 256), 2222, 1784, level(4443, 3567)) == Field(4096, 0, 4443, 512)


def test_other_scales_are_stretched() -> None:
    assert project(PixelRect(0, 0, 100, 80), 100, 80, level(321, 250)) == Field(0, 0, 321, 250)
    assert project(PixelRect(50, 40, 50, 40), 100, 80, level(321, 250)) == Field(160.5, 125, 321, 250)


def test_the_same_size_but_for_a_pixel_is_one_to_one() -> None:
    source = level(1000, 1000)
    assert project(PixelRect(0, 256, 256, 256), 1000, 1000, source) == Field(0, 256, 256, 512)


def test_a_last_pixel_that_rounding_made_twice_is_still_in_the_level() -> None:
    """2049 pixels: 512 a quarter, rounded down, and 257 an eighth, rounded up."""
    field = project(PixelRect(256, 0, 1, 256), 257, 257, level(512, 512))
    assert 0 <= field.left < field.right <= 512


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 5000), st.data())
def test_a_field_is_never_empty_nor_outside(
    width: int, height: int, across: int, down: int, data: st.DataObject
) -> None:
    source = level(width, height)
    x, y = data.draw(st.integers(0, across - 1)), data.draw(st.integers(0, down - 1))
    field = project(PixelRect(x, y, 1, 1), across, down, source)
    assert 0 <= field.left < field.right <= width
    assert 0 <= field.top < field.bottom <= height
    assert field.tiles(source)
