"""Text as the catalog stores and compares it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.catalog.stored_text import AFTER_ALL_KEYS, after_prefix, clean, is_clean

CLEAN = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


@given(CLEAN, CLEAN)
def test_all_that_begins_with_a_prefix_lies_before_its_end(prefix: str, rest: str) -> None:
    assert (
        prefix.encode() <= (prefix + rest).encode() < after_prefix(prefix).encode()
        or (prefix + rest).encode() > ("\U0010ffff" * 256).encode()
    )


@given(CLEAN.filter(bool), CLEAN)
def test_nothing_else_lies_between(prefix: str, other: str) -> None:
    within = prefix.encode() <= other.encode() < after_prefix(prefix).encode()
    assert within == other.startswith(prefix)


def test_the_end_steps_over_surrogates_and_carries() -> None:
    assert after_prefix("a\ud7ff") == "a\ue000"
    assert after_prefix("a\U0010ffff\U0010ffff") == "b"
    assert after_prefix("\U0010ffff") == after_prefix("") == AFTER_ALL_KEYS


@given(st.text(st.characters()))
def test_cleaned_text_can_be_stored(value: str) -> None:
    cleaned = clean(value)
    assert "\0" not in cleaned
    cleaned.encode()
    assert is_clean(cleaned)
    assert is_clean(value) == (cleaned == value)
