"""What viewers ask for."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.benchmarks.viewport import ORDERS, Viewport, centre_out, places, shuffled

VIEW = Viewport(0, 10, 20, 8, 5)


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_asks_for_each_tile_once(order: str) -> None:
    assert sorted(ORDERS[order](VIEW)) == sorted((x, y) for x in range(10, 18) for y in range(20, 25))


def test_rows_come_from_the_left_and_the_middle_comes_first_centre_out() -> None:
    assert ORDERS["row"](VIEW)[:9] == [*((x, 20) for x in range(10, 18)), (10, 21)]
    assert set(centre_out(VIEW)[:2]) == {(13, 22), (14, 22)}
    assert set(centre_out(VIEW)[-4:]) == {(10, 20), (17, 20), (10, 24), (17, 24)}


def test_a_place_is_always_shuffled_alike_and_no_other_is() -> None:
    assert shuffled(VIEW) == shuffled(VIEW)
    there = shuffled(VIEW.moved(20, 0))
    assert [(x - 20, y) for x, y in there] != shuffled(VIEW)


def test_a_step_asks_only_for_what_comes_into_view() -> None:
    assert VIEW.moved(1, 0).new_after(VIEW) == [(18, y) for y in range(20, 25)]
    assert VIEW.moved(0, -1).new_after(VIEW) == [(x, 19) for x in range(10, 18)]
    assert set(VIEW.moved(1, 1).new_after(VIEW)) == {(18, y) for y in range(21, 26)} | {(x, 25) for x in range(11, 19)}


def test_zooming_out_keeps_the_centre_and_stays_on_the_level() -> None:
    assert Viewport(0, 76, 58, 8, 5).zoomed_out(2, 80, 60) == Viewport(1, 36, 28, 8, 5)
    assert Viewport(0, 0, 0, 8, 5).zoomed_out(2, 80, 60) == Viewport(1, 0, 0, 8, 5)
    assert Viewport(4, 2, 3, 8, 5).zoomed_out(2, 5, 4) == Viewport(5, 0, 0, 5, 4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_places_are_fresh_and_far_from_each_other(seed: int) -> None:
    corners = list(places(160, 120, seed))
    assert len(corners) >= 36, "the series of three sizes takes 33"
    seen = [set(Viewport(0, x, y, 12, 7).tiles) for x, y in corners]
    assert all(0 <= x < 160 and 0 <= y < 120 for tiles in seen for x, y in tiles)
    assert not any(one & other for one, other in combinations(seen, 2))


def test_who_moves_on_stays_on_the_level() -> None:
    corners = list(places(160, 120, 1, room=(14, 11)))
    assert len(corners) >= 15, "three kinds of pan at five places each"
    assert all(x + 14 <= 160 and y + 11 <= 120 for x, y in corners)
    assert len(corners) < len(list(places(160, 120, 1))), "some have no room"


def test_two_viewers_on_one_slide_never_meet() -> None:
    one, other = (
        {tile for x, y in places(160, 120, seed) for tile in Viewport(0, x, y, 12, 7).tiles} for seed in (0, 1)
    )
    assert not one & other
