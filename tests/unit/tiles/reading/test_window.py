"""Single guesses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.tiles.reading.tile_rect import Position, Size, TileRect
from wsi_streamer.tiles.reading.window import guess

WINDOW = Size(8, 5)
GRID = Size(100, 80)


def guessed(asked: list[Position], size: Size, level: Size, served: Callable[[int, int], bool]) -> TileRect | None:
    return guess(asked, TileRect.around(asked), size, level, served)


def none_served(_x: int, _y: int) -> bool:
    return False


@pytest.mark.parametrize(
    "asked",
    [[(5, 5)], [(5, 5), (6, 5)], [(5, 5), (6, 5), (5, 6)], [(5, 5), (7, 5), (9, 5)]],
    ids=["one", "two", "three in a corner", "three apart"],
)
def test_too_little_to_go_by(asked: list[Position]) -> None:
    assert guessed(asked, WINDOW, GRID, none_served) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([(5, 5), (6, 5), (7, 5)], TileRect(5, 5, 13, 10)),
        ([(6, 5), (5, 5), (7, 5)], TileRect(5, 5, 13, 10)),  # connections race
        ([(12, 5), (11, 5), (10, 5)], TileRect(5, 5, 13, 10)),  # from the right
        ([(5, 5), (5, 6), (5, 7)], TileRect(5, 5, 13, 10)),  # column by column
        ([(x, y) for y in (5, 6) for x in range(5, 11)], TileRect(5, 5, 11, 10)),  # the row's end is known
        ([(x, 5) for x in range(20, 30)], TileRect(20, 5, 33, 10)),  # wider than known
        ([(97, 5), (98, 5), (99, 5)], TileRect(92, 5, 100, 10)),  # at the level's edge
    ],
)
def test_a_scan_begins_in_a_corner(asked: list[Position], expected: TileRect) -> None:
    assert guessed(asked, WINDOW, GRID, none_served) == expected


def test_a_window_that_fills_from_its_middle() -> None:
    assert guessed([(8, 7), (9, 7), (8, 6), (9, 6), (8, 8), (9, 8)], WINDOW, GRID, none_served) == TileRect(
        5, 5, 13, 10
    )


def test_a_window_that_has_moved_needs_only_what_is_new() -> None:
    def served(x: int, y: int) -> bool:
        return 5 <= x < 13 and 5 <= y < 10

    right = guessed([(13, 5), (13, 6), (13, 7)], WINDOW, GRID, served)
    assert right == TileRect(6, 5, 16, 10)
    down = guessed([(5, 10), (6, 10), (7, 10)], WINDOW, GRID, served)
    assert down == TileRect(5, 6, 13, 12)


POSITIONS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), min_size=1, max_size=40, unique=True)


@given(POSITIONS, st.integers(1, 20), st.integers(1, 12), st.sets(st.tuples(st.integers(0, 30), st.integers(0, 20))))
def test_a_guess_holds_what_was_asked_for_and_lies_in_the_level(
    asked: list[Position], width: int, height: int, served: set[Position]
) -> None:
    rect = guessed(asked, Size(width, height), Size(31, 21), lambda x, y: (x, y) in served)
    if rect is None:
        return
    assert all(rect.distance(x, y) == (0, 0) for x, y in asked)
    assert 0 <= rect.left < rect.right <= 31
    assert 0 <= rect.top < rect.bottom <= 21
