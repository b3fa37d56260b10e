from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsi_operator.backoff import CAP_SECONDS, backoff


def test_it_doubles_from_half_a_second() -> None:
    assert [backoff(n) for n in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 4.0]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_it_never_passes_the_cap_and_never_is_nothing(failures: int, jitter: float) -> None:
    assert 0.3 < backoff(failures, jitter=jitter) <= CAP_SECONDS


@given(st.integers(1, 100), st.floats(0, 600), st.floats(0, 1))
def test_what_the_server_asks_for_is_the_least(failures: int, asked: float, jitter: float) -> None:
    assert backoff(failures, retry_after=asked, jitter=jitter) >= min(asked, 60.0)
