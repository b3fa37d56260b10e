"""Which keys are slides, and which a store might take for another's."""

from __future__ import annotations

import pytest

from tests.support.odd_keys import ODD_KEYS
from wsi_streamer.slides.keys import is_plain_key


@pytest.mark.parametrize(
    "key",
    ["../b.svs", "a/../b.svs", "a/..", "..", ".", "./b.svs", "a/./b.svs", "a//b.svs", "//b.svs", "/b.svs", "a\\..\\b.svs",
     "..\\b.svs", "a/..\\b.svs", ".\\b.svs"],
)  # fmt: skip
def test_keys_that_a_file_system_reads_as_others(key: str) -> None:
    assert not is_plain_key(key)


@pytest.mark.parametrize(
    "key", [*ODD_KEYS, "..b.svs", "a../b.svs", "a/...svs", "a/.../b.svs", ".hidden/b.svs", "a/b..svs"]
)
def test_odd_keys_are_their_own(key: str) -> None:
    assert is_plain_key(key)
