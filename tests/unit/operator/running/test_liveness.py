from __future__ import annotations

import pytest

from wsi_operator.liveness import Liveness
from wsi_operator.work_queue import Key

X = Key("n", "x")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def liveness(clock: Clock) -> Liveness:
    return Liveness(clock, round_limit=90, lag_limit=60)


def test_an_event_that_never_comes_is_noticed(liveness: Liveness, clock: Clock) -> None:
    liveness.arrived(X, "u", "5")
    liveness.saw(X, {"u": "7"})
    clock.now += 59
    assert liveness.troubles() == ()
    assert liveness.lag() == 59
    liveness.saw(X, {"u": "9"})  # newer still: the first one is missing all the same
    clock.now += 2
    assert len(liveness.troubles()) == 1
    liveness.arrived(X, "u", "8")
    assert liveness.troubles()  # not yet the last
    liveness.arrived(X, "u", "9")
    assert liveness.troubles() == ()
    assert liveness.lag() == 0


def test_a_watch_may_skip_versions_and_be_ahead(liveness: Liveness, clock: Clock) -> None:
    liveness.saw(X, {"u": "5"})
    liveness.arrived(X, "u", "12")
    liveness.saw(X, {"u": "11"})
    clock.now += 1000
    liveness.round_done()
    assert liveness.troubles() == ()


def test_versions_are_numbers_not_text(liveness: Liveness, clock: Clock) -> None:
    liveness.arrived(X, "u", "10")
    liveness.saw(X, {"u": "9"})
    assert liveness.lag() == 0
    clock.now += 1
    liveness.saw(X, {"u": "100"})
    clock.now += 1
    assert liveness.lag() == 1


def test_what_is_gone_is_not_waited_for(liveness: Liveness, clock: Clock) -> None:
    liveness.saw(X, {"u": "5", "v": "6"})
    liveness.arrived(X, "v", "6", deleted=True)
    liveness.saw(X, {"w": "7"})
    liveness.arrived(X, "w", "7")
    clock.now += 80
    assert liveness.troubles() == ()
    liveness.saw(X, {"w": "8"})
    liveness.forget(X)
    clock.now += 5
    assert liveness.lag() == 0
    assert liveness.known() == frozenset()


def test_rounds_that_stop_are_noticed(liveness: Liveness, clock: Clock) -> None:
    clock.now += 89
    assert liveness.troubles() == ()
    clock.now += 2
    assert "round" in liveness.troubles()[0]
    liveness.round_done()
    assert liveness.troubles() == ()
    assert liveness.rounds == 1
