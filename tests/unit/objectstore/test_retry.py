"""Attempts and the pauses between them."""

from __future__ import annotations

import time

import pytest

from wsi_streamer.objectstore import retry
from wsi_streamer.objectstore.retry import MAX_SECONDS, Attempts


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    delays: list[float] = []

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    monkeypatch.setattr(retry.asyncio, "sleep", sleep)
    return delays


async def test_no_more_than_the_limit(slept: list[float]) -> None:
    attempts = Attempts(4, time.monotonic() + 1000)
    assert [await attempts.pause() for _ in range(4)] == [True, True, True, False]
    assert len(slept) == 3


async def test_pauses_are_anywhere_below_a_growing_ceiling(slept: list[float]) -> None:
    for _ in range(200):
        attempts = Attempts(9, time.monotonic() + 1000)
        while await attempts.pause():
            pass
    by_attempt = [slept[i::8] for i in range(8)]
    for number, delays in enumerate(by_attempt):
        ceiling = min(MAX_SECONDS, 0.1 * 2**number)
        assert max(delays) <= ceiling
        assert max(delays) > 0.9 * ceiling
        assert min(delays) < 0.1 * ceiling, "full jitter begins at nothing"


async def test_a_pause_never_ends_after_the_deadline(slept: list[float]) -> None:
    for _ in range(200):
        attempts = Attempts(20, time.monotonic() + 0.5)
        while await attempts.pause():
            assert slept[-1] < 0.5
    attempts = Attempts(20, time.monotonic() - 1)
    assert attempts.seconds_left == 0.0
    assert not await attempts.pause()
