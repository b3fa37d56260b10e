from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.objectstore.coalesce import coalesce
from wsi_streamer.slides.tile_table import ByteRange

RANGES = st.lists(st.builds(ByteRange, st.integers(0, 100_000), st.integers(0, 5_000)), max_size=60)


def spans_of(*ranges: tuple[int, int], cap: int = 10_000, max_gap: int = 100) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in coalesce((ByteRange(*r) for r in ranges), cap=cap, max_gap=max_gap)]


def test_neighbours_come_in_one_read_whatever_their_order() -> None:
    assert spans_of((300, 100), (0, 100), (100, 200)) == [(0, 400)]


def test_a_small_gap_is_read_in_vain_and_a_large_one_is_not() -> None:
    assert spans_of((0, 100), (200, 50), (351, 10)) == [(0, 250), (351, 361)]


def test_no_span_outgrows_the_cap() -> None:
    assert spans_of((0, 600), (600, 600), (1200, 600), cap=1300) == [(0, 1200), (1200, 1800)]


def test_a_range_longer_than_the_cap_is_read_whole() -> None:
    assert spans_of((0, 5_000), (5_000, 10), cap=1_000) == [(0, 5_000), (5_000, 5_010)]


def test_sparse_tiles_are_not_read() -> None:
    assert spans_of((0, 0), (50, 0)) == []


@given(RANGES, st.integers(1, 20_000), st.integers(0, 3_000))
def test_every_range_is_whole_in_exactly_one_span(ranges: list[ByteRange], cap: int, max_gap: int) -> None:
    spans = coalesce(ranges, cap=cap, max_gap=max_gap)
    held = [item for span in spans for item in span.ranges]
    assert sorted(held, key=lambda r: (r.offset, r.length)) == sorted(
        {r for r in ranges if r.length}, key=lambda r: (r.offset, r.length)
    )
    for span in spans:
        assert span.start == min(r.offset for r in span.ranges)
        assert span.end == max(r.end for r in span.ranges)
        assert (
            span.end - span.start <= cap or len({r.offset for r in span.ranges}) == 1 or _first_alone(span.ranges, cap)
        )


def _first_alone(ranges: tuple[ByteRange, ...], cap: int) -> bool:
    """Ranges inside one that is itself longer than the cap cost nothing."""
    longest = max(ranges, key=lambda r: r.length)
    return longest.length > cap and all(longest.offset <= r.offset and r.end <= longest.end for r in ranges)
