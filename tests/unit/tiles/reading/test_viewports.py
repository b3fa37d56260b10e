"""The read-ahead policy over viewports of many sizes and orders, counted in round trips, reads and bytes."""

from __future__ import annotations

import itertools
import random
import statistics

import pytest

from tests.unit.tiles.reading.simulated import Outcome, Worker, in_order, level

SIZES = [(4, 3), (6, 4), (7, 6), (8, 5), (11, 8), (12, 7), (14, 8)]
PLACES = [(x, y) for y in range(2, 100, 18) for x in range(3, 136, 22)]


def viewports(worker: Worker, size: tuple[int, int], order: str, connections: int, count: int) -> list[Outcome]:
    width, height = size
    rng = random.Random(4)
    places = [at for at in PLACES if not any((at[0] + x, at[1] + y) in worker.held for x in (0, 13) for y in (0, 7))]
    outcomes = []
    for left, top in places[:count]:
        shuffled = rng.sample(range(width * height), width * height)
        cells = in_order(order, width, height, shuffled)
        outcomes.append(worker.viewport(((left + x, top + y) for x, y in cells), connections))
    return outcomes


@pytest.mark.parametrize("connections", [6, 40])
@pytest.mark.parametrize("order", ["row", "shuffled", "centre-out"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_once_a_viewers_window_is_known_a_viewport_takes_two_rounds_and_a_read_a_row(
    size: tuple[int, int], order: str, connections: int
) -> None:
    worker = Worker(level())
    known = viewports(worker, size, order, connections, 12)[2:]
    assert statistics.median(o.rounds for o in known) <= 2
    assert statistics.median(o.gets for o in known) <= size[1] + 3
    assert sum(o.tiles_read for o in known) <= 1.35 * size[0] * size[1] * len(known)


@pytest.mark.parametrize("order", ["row", "shuffled", "centre-out"])
@pytest.mark.parametrize(("before", "size"), list(itertools.permutations(SIZES[1::2], 2)))
def test_a_new_window_is_learned_while_it_is_filled(before: tuple[int, int], size: tuple[int, int], order: str) -> None:
    worker = Worker(level())
    viewports(worker, before, order, 6, 6)
    first, second, *later = viewports(worker, size, order, 6, 6)
    assert first.rounds <= 7
    assert second.rounds <= max(3, first.rounds)
    assert statistics.median(o.rounds for o in later) <= 3


def test_lone_tiles_are_read_alone() -> None:
    worker = Worker(level())
    rng = random.Random(8)
    cells = [(x, y) for x in range(160) for y in range(120)]
    rng.shuffle(cells)
    total = Outcome(0, 0, 0)
    for at in cells[:2_000]:
        one = worker.viewport([at], 1)
        total.tiles_read += one.tiles_read
    assert total.tiles_read == 2_000


def test_a_client_that_never_uses_a_guess_cannot_have_much_read_in_vain() -> None:
    worker = Worker(level())
    rng = random.Random(9)
    asked = read = 0
    for _ in range(400):  # four neighbours, then elsewhere: looks like a viewport each time and never is one
        left, top = rng.randrange(150), rng.randrange(110)
        outcome = worker.viewport([(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)], 4)
        asked += 4
        read += outcome.tiles_read
    assert read <= 1.3 * asked + 200


def test_panning_reads_what_is_new_and_a_little_ahead() -> None:
    worker = Worker(level())
    viewports(worker, (8, 5), "row", 6, 3)
    left, top = 60, 91
    worker.viewport([(left + x, top + y) for y in range(5) for x in range(8)], 6)
    rounds = []
    for step in range(1, 9):
        column = worker.viewport([(left + 7 + step, top + y) for y in range(5)], 6)
        rounds.append(column.rounds)
        assert column.tiles_read <= 5 * 4
    assert sum(rounds) <= 4  # two columns more come with each that is read
    assert not any(y < top or y > top + 4 for x, y in worker.held if x > left + 7)


def test_two_who_look_at_different_places_do_not_confuse_each_other() -> None:
    worker = Worker(level())
    viewports(worker, (8, 5), "row", 6, 3)
    here = [(20 + x, 92 + y) for y in range(5) for x in range(8)]
    there = [(120 + x, 92 + y) for y in range(5) for x in range(8)]
    mixed = [at for pair in zip(here, there, strict=True) for at in pair]
    outcome = worker.viewport(mixed, 12)
    assert outcome.tiles_read <= 1.35 * 80
