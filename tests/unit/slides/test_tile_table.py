import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.slides.tile_table import ByteRange, TileTable

PAIRS = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)), max_size=50)


@given(PAIRS)
def test_what_was_packed_comes_out(pairs: list[tuple[int, int]]) -> None:
    table = TileTable.pack(pairs)
    assert [table.range_at(i) for i in range(len(table))] == [ByteRange(*pair) for pair in pairs]


@given(PAIRS.filter(lambda pairs: len(pairs) > 2))
def test_a_slice_answers_by_the_entry_numbers_of_the_whole(pairs: list[tuple[int, int]]) -> None:
    whole = TileTable.pack(pairs)
    part = TileTable(whole.offsets[8:], whole.counts[4:], first=1)
    assert part.range_at(1) == whole.range_at(1)
    for outside in (0, len(pairs)):
        with pytest.raises(IndexError):
            part.range_at(outside)
