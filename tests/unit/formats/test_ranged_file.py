"""The file object over ranges: right bytes, few reads, none twice."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.formats.errors import Broken
from wsi_streamer.formats.ranged_file import FIRST_READ, LOOK_BEHIND, TAIL, RangedFile

DATA = random.Random(5).randbytes(700_000)


@dataclass
class Logged:
    data: bytes = DATA
    ranges: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert 0 < length <= len(self.data) - offset
        self.ranges.append((offset, length))
        return self.data[offset : offset + length]


@given(st.lists(st.tuples(st.integers(0, 720_000), st.integers(0, 90_000), st.booleans()), max_size=12))
def test_any_reads_give_the_objects_bytes(reads: list[tuple[int, int, bool]]) -> None:
    reader = Logged()
    file = RangedFile(reader)
    for offset, length, exact in reads:
        data = file.peek(offset, length) if exact else file.read_at(offset, length)
        assert data == DATA[offset : offset + length]
        before = len(reader.ranges)
        assert file.peek(offset, length) == data
        assert len(reader.ranges) == before


def test_reading_on_takes_few_growing_reads() -> None:
    reader = Logged()
    file = RangedFile(reader)
    while file.read(1000):
        pass
    sizes = [length for _, length in reader.ranges]
    assert sizes[0] == FIRST_READ
    assert len(sizes) <= 5
    assert sum(sizes) == len(DATA)


def test_a_new_place_is_read_with_what_stands_before_it() -> None:
    reader = Logged()
    file = RangedFile(reader)
    file.read_at(300_000, 10)
    assert reader.ranges == [(300_000 - LOOK_BEHIND, FIRST_READ + LOOK_BEHIND)]
    file.read_at(300_000 - LOOK_BEHIND, FIRST_READ)
    assert len(reader.ranges) == 1


def test_a_place_near_the_end_is_read_to_the_end_and_nothing_of_that_is_read_again() -> None:
    reader = Logged()
    file = RangedFile(reader)
    start = len(DATA) - TAIL - FIRST_READ
    file.read_at(start - 1, 10)
    assert reader.ranges == [(start - 1 - LOOK_BEHIND, FIRST_READ + LOOK_BEHIND)]
    file.read_at(len(DATA) - 5, 5)
    assert len(reader.ranges) == 2
    file = RangedFile(reader)
    file.read_at(start, 10)
    file.read_at(len(DATA) - 5, 5)
    assert reader.ranges[2:] == [(start - LOOK_BEHIND, len(DATA) - start + LOOK_BEHIND)]


def test_exact_reads_are_exact() -> None:
    reader = Logged()
    RangedFile(reader).peek(300_000, 123)
    assert reader.ranges == [(300_000, 123)]


def test_seek_and_readinto() -> None:
    file = RangedFile(Logged())
    file.seek(-10, 2)
    buffer = bytearray(20)
    assert file.readinto(buffer) == 10
    assert bytes(buffer[:10]) == DATA[-10:]
    assert file.tell() == len(DATA)


def test_short_reads_are_damage() -> None:
    class Short(Logged):
        def read(self, offset: int, length: int) -> bytes:
            return super().read(offset, length)[:-1]

    with pytest.raises(Broken, match="shorter"):
        RangedFile(Short()).read(10)
