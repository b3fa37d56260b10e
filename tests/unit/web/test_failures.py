"""Failures are counted for each address, in bounded memory, and forgotten in time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from wsi_streamer.web.failures import MAX_ADDRESSES, SECONDS_EACH, Failures

BURST = 30


@dataclass
class Clock:
    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def failures(clock: Clock) -> Failures:
    return Failures(clock)


def own_answers(failures: Failures, address: str, times: int) -> int:
    return [failures.note(address) for _ in range(times)].count(False)


def test_a_burst_and_no_more(failures: Failures) -> None:
    assert [failures.note("192.0.2.1") for _ in range(BURST + 5)] == [False] * BURST + [True] * 5


def test_then_one_each_two_seconds_however_many_are_tried(failures: Failures, clock: Clock) -> None:
    own_answers(failures, "192.0.2.1", 100)
    for _ in range(10):
        clock.seconds += SECONDS_EACH
        assert own_answers(failures, "192.0.2.1", 50) == 1


def test_a_pause_gives_the_burst_again_and_no_more_than_that(failures: Failures, clock: Clock) -> None:
    own_answers(failures, "192.0.2.1", 100)
    clock.seconds += 10 * SECONDS_EACH
    assert own_answers(failures, "192.0.2.1", 100) == 10
    clock.seconds += 1000 * BURST * SECONDS_EACH
    assert own_answers(failures, "192.0.2.1", 100) == BURST


def test_one_address_does_not_suffer_for_another(failures: Failures) -> None:
    own_answers(failures, "192.0.2.1", 100)
    assert own_answers(failures, "192.0.2.2", 100) == BURST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::2"),
        ("2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff"),
        ("2001:DB8::1", "2001:db8::1%eth0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_addresses_of_one_client_count_together(failures: Failures, one: str, other: str) -> None:
    own_answers(failures, one, 100)
    assert failures.note(other)


def test_another_network_of_ipv6_is_another_client(failures: Failures) -> None:
    own_answers(failures, "2001:db8::1", 100)
    assert not failures.note("2001:db8:0:1::1")


def test_memory_is_bounded_and_the_one_that_failed_longest_ago_goes_first(clock: Clock) -> None:
    failures = Failures(clock, max_addresses=3)
    for address in ("a", "b", "c", "a", "d"):
        own_answers(failures, address, BURST)
    assert len(failures) == 3
    assert failures.note("a")
    assert failures.note("c")
    assert failures.note("d")
    assert not failures.note("b")


def test_one_that_goes_on_is_not_pushed_out_by_others(clock: Clock) -> None:
    failures = Failures(clock, max_addresses=100)
    own_answers(failures, "guesser", 100)
    for i in range(1000):
        failures.note(f"10.0.{i // 256}.{i % 256}")
        assert failures.note("guesser")
    assert len(failures) == 100


def test_no_address_at_all_is_one_client_too(failures: Failures) -> None:
    assert own_answers(failures, "", 100) == BURST
    assert own_answers(failures, "not an address: at all", 100) == BURST


def test_a_clock_that_goes_back_locks_nobody_out_for_longer_than_it_went_back(failures: Failures, clock: Clock) -> None:
    own_answers(failures, "192.0.2.1", 5)
    clock.seconds -= 20
    assert own_answers(failures, "192.0.2.1", 100) == BURST - 5 - 20 / SECONDS_EACH


def test_the_shipped_bound_is_a_few_thousand(failures: Failures) -> None:
    for i in range(MAX_ADDRESSES + 100):
        failures.note(f"10.{i // 65536}.{i // 256 % 256}.{i % 256}")
    assert len(failures) == MAX_ADDRESSES


def test_looking_counts_nothing_and_says_what_the_next_failure_would_be(failures: Failures, clock: Clock) -> None:
    for _ in range(BURST):
        assert not failures.is_over("192.0.2.1")
        assert not failures.is_over("192.0.2.1")
        assert not failures.note("192.0.2.1")
    assert failures.is_over("192.0.2.1")
    assert failures.is_over("::ffff:192.0.2.1")
    assert not failures.is_over("192.0.2.2")
    assert len(failures) == 1
    clock.seconds += SECONDS_EACH
    assert not failures.is_over("192.0.2.1")
    assert not failures.note("192.0.2.1")
    assert failures.is_over("192.0.2.1")
