"""The read-ahead policy over viewports of many sizes and orders, counted in round trips, reads and bytes."""

from __future__ import annotations

import itertools
import random
import statistics

import pytest

from tests.unit.tiles.reading.simulated import TILE_BYTES, Outcome, Worker, in_order, level
from wsi_streamer.tiles.reading.tile_rect import TileRect
from wsi_streamer.tiles.reading.viewers import Who

SIZES = [(4, 3), (6, 4), (7, 6), (8, 5), (11, 8), (12, 7), (14, 8)]
PLACES = [(x, y) for y in range(2, 100, 18) for x in range(3, 136, 22)]


async def viewports(worker: Worker, size: tuple[int, int], order: str, connections: int, count: int) -> list[Outcome]:
    width, height = size
    rng, held = random.Random(4), worker.held()
    places = [at for at in PLACES if not any((at[0] + x, at[1] + y) in held for x in (0, 13) for y in (0, 7))]
    outcomes = []
    for left, top in places[:count]:
        shuffled = rng.sample(range(width * height), width * height)
        cells = in_order(order, width, height, shuffled)
        outcomes.append(await worker.viewport([(left + x, top + y) for x, y in cells], connections))
    return outcomes


@pytest.mark.parametrize("connections", [6, 40])
@pytest.mark.parametrize("order", ["row", "shuffled", "centre-out"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_once_a_viewers_window_is_known_a_viewport_takes_two_rounds_and_a_read_a_row(
    size: tuple[int, int], order: str, connections: int
) -> None:
    worker = Worker(level())
    known = (await viewports(worker, size, order, connections, 8))[2:]
    assert statistics.median(o.rounds for o in known) <= 2
    assert statistics.median(o.gets for o in known) <= size[1] + 3
    assert sum(o.tiles_read for o in known) <= 1.35 * size[0] * size[1] * len(known)


@pytest.mark.parametrize("order", ["row", "shuffled", "centre-out"])
@pytest.mark.parametrize(("before", "size"), list(itertools.permutations(SIZES[1::2], 2)))
async def test_a_new_window_is_learned_while_it_is_filled(
    before: tuple[int, int], size: tuple[int, int], order: str
) -> None:
    worker = Worker(level())
    await viewports(worker, before, order, 6, 4)
    first, second, *later = await viewports(worker, size, order, 6, 6)
    assert first.rounds <= 7
    assert second.rounds <= max(3, first.rounds)
    assert statistics.median(o.rounds for o in later) <= 3


async def test_lone_tiles_are_read_alone() -> None:
    worker = Worker(level())
    rng = random.Random(8)
    cells = [(x, y) for x in range(160) for y in range(120)]
    rng.shuffle(cells)
    total = Outcome()
    for at in cells[:300]:
        one = await worker.viewport([at], 1)
        total.tiles_read += one.tiles_read
    assert total.tiles_read == 300


async def test_a_client_that_never_uses_a_guess_cannot_have_much_read_in_vain() -> None:
    worker = Worker(level())
    rng = random.Random(9)
    asked = read = 0
    for _ in range(150):  # four neighbours, then elsewhere: looks like a viewport each time and never is one
        left, top = rng.randrange(150), rng.randrange(110)
        outcome = await worker.viewport([(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)], 4)
        asked += 4
        read += outcome.tiles_read
    assert read <= 1.3 * asked + 250


async def test_panning_reads_what_is_new_and_a_little_ahead() -> None:
    worker = Worker(level())
    await viewports(worker, (8, 5), "row", 6, 3)
    left, top = 60, 91
    await worker.viewport([(left + x, top + y) for y in range(5) for x in range(8)], 6)
    rounds = []
    for step in range(1, 9):
        column = await worker.viewport([(left + 7 + step, top + y) for y in range(5)], 6)
        rounds.append(column.rounds)
        assert column.tiles_read <= 5 * 4
    assert sum(rounds) <= 4  # two columns more come with each that is read
    assert not any(y < top or y > top + 4 for x, y in worker.held() if x > left + 7)


async def test_two_who_look_at_different_places_do_not_confuse_each_other() -> None:
    worker = Worker(level())
    await viewports(worker, (8, 5), "row", 6, 3)
    here = [(20 + x, 92 + y) for y in range(5) for x in range(8)]
    there = [(120 + x, 92 + y) for y in range(5) for x in range(8)]
    mixed = [at for pair in zip(here, there, strict=True) for at in pair]
    outcome = await worker.viewport(mixed, 12)
    assert outcome.tiles_read <= 1.35 * 80


async def test_five_who_share_an_address_and_a_slide_are_told_apart_by_their_tokens() -> None:
    worker = Worker(level())
    await viewports(worker, (8, 5), "row", 6, 3)
    places = [(10, 92), (40, 92), (70, 92), (100, 92), (130, 92)]
    views = [
        worker.viewport([(left + x, top + y) for y in range(5) for x in range(8)], 6, Who(1, person))
        for person, (left, top) in enumerate(places)
    ]
    for view in views:
        outcome = await view
        assert outcome.gets <= 8


async def test_with_a_hint_each_row_is_one_read_and_nothing_else() -> None:
    worker = Worker(level())
    worker.hint(TileRect(20, 30, 32, 37))
    outcome = await worker.viewport([(20 + x, 30 + y) for y in range(7) for x in range(12)], 6)
    assert (outcome.rounds, outcome.gets, outcome.tiles_read) == (1, 7, 84)


async def test_what_is_asked_for_does_not_stand_in_line_behind_hints() -> None:
    worker = Worker(level())
    worker.hint(TileRect(20, 10, 30, 70))  # sixty reads
    outcome = await worker.viewport([(25, 69)], 1)
    assert outcome.rounds == 1
    lone = await worker.viewport([(100, 100)], 1)
    assert lone.rounds == 1
    assert len(worker.flights) == 0 or lone.gets <= 17


async def test_whoever_downloads_a_level_costs_no_more_than_it() -> None:
    worker = Worker(level(64, 48))
    outcome = await worker.viewport([(x, y) for x in range(64) for y in range(48)], 40)
    assert outcome.tiles_read <= 1.05 * 64 * 48
    assert len(worker.flights) == 0


async def test_a_cache_that_holds_little_is_not_filled_with_guesses() -> None:
    worker = Worker(level())
    worker.cache.capacity = 20 * TILE_BYTES
    worker.fetcher._guesses._known.most_ahead = worker.cache.capacity // 4
    outcome = await worker.viewport([(20 + x, 30 + y) for y in range(5) for x in range(8)], 6)
    assert outcome.tiles_read <= 1.5 * 40
