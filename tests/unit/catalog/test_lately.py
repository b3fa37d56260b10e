"""Counts that are told again for a while."""

from __future__ import annotations

from wsi_streamer.catalog.lately import KEPT, WORTH_KEEPING, Lately


class Clock:
    """Seconds that pass when told to, and while something is counted."""

    def __init__(self, took: float) -> None:
        self.now = 100.0
        self.took = took
        self.counted = 0

    async def count(self) -> int:
        self.now += self.took
        self.counted += 1
        return self.counted


async def test_a_quick_count_is_made_anew_each_time() -> None:
    clock = Clock(WORTH_KEEPING / 2)
    lately = Lately(clock.count, lambda: clock.now)
    assert [await lately.get() for _ in range(3)] == [1, 2, 3]


async def test_a_slow_one_is_told_again_until_it_has_been_for_twenty_times_as_long() -> None:
    clock = Clock(0.5)
    lately = Lately(clock.count, lambda: clock.now)
    assert await lately.get() == 1
    clock.now += KEPT * 0.5 - 0.01
    assert await lately.get() == 1
    clock.now += 0.02
    assert await lately.get() == 2
    assert await lately.anew() == 3
    assert await lately.get() == 3
