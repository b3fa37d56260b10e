from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsi_operator.reconcile.indexer_scale import indexer_replicas


def replicas(backlog: int | None, current: int | None) -> int:
    return indexer_replicas(backlog, current, concurrency=4, least=1, most=5)


def test_up_at_once() -> None:
    assert replicas(201, 1) == 2
    assert replicas(1000, 1) == 5
    assert replicas(10**9, 1) == 5


def test_down_only_when_nothing_waits() -> None:
    assert replicas(1, 4) == 4
    assert replicas(0, 4) == 1


def test_it_stays_when_the_indexer_does_not_tell() -> None:
    assert replicas(None, 3) == 3
    assert replicas(None, None) == 1
    assert replicas(None, 0) == 1  # after a suspension


@given(
    st.none() | st.integers(0, 10**7),
    st.none() | st.integers(0, 50),
    st.integers(1, 64),
    st.integers(1, 10),
    st.integers(0, 10),
)
def test_always_within_the_limits(backlog: int | None, current: int | None, tasks: int, least: int, more: int) -> None:
    found = indexer_replicas(backlog, current, concurrency=tasks, least=least, most=least + more)
    assert least <= found <= least + more
