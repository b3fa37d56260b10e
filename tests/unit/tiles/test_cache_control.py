from __future__ import annotations

from dataclasses import replace

import pytest

from wsi_streamer.access.caller import Caller
from wsi_streamer.tiles.cache_control import (
    MAX_PRIVATE_SECONDS,
    MAX_REVOCABLE_RIGHT_SECONDS,
    CachePolicy,
    right_seconds,
)
from wsi_streamer.tiles.passes import REVOCABLE_SECONDS


def test_browsers_keep_versioned_urls_for_good_while_access_is_open_and_four_minutes_otherwise() -> None:
    policy = CachePolicy.of(open_access=True, max_age=3600)
    assert policy.headers(versioned=True) == {"cache-control": "public, max-age=31536000, immutable"}
    assert policy.headers(versioned=False) == {"cache-control": "public, max-age=3600"}
    for max_age, seconds in ((3600, 240), (60, 60), (0, 0)):
        policy = CachePolicy.of(open_access=False, max_age=max_age)
        for versioned in (True, False):
            assert policy.headers(versioned=versioned) == {"cache-control": f"private, max-age={seconds}"}


def test_only_an_edge_that_checks_access_is_told_to_keep_anything() -> None:
    for open_access in (True, False):
        without = CachePolicy.of(open_access=open_access, max_age=60)
        policy = CachePolicy.of(open_access=open_access, max_age=60, edge=True)
        assert without.never() == ()
        assert policy.never() == ((b"x-accel-expires", b"0"),)
        for versioned, seconds in ((True, b"86400"), (False, b"0")):
            headers = policy.raw_headers(versioned=versioned)
            assert headers[0] == (b"x-accel-expires", seconds), "first: older nginx lets the first one win"
            assert headers[1:] == without.raw_headers(versioned=versioned)


@pytest.mark.parametrize(
    ("left", "seconds"), [(None, 300), (10_000, 300), (301, 300), (300, 299), (2, 1), (1, 0), (0, 0), (-5, 0)]
)
def test_no_right_is_remembered_beyond_its_end(left: int | None, seconds: int) -> None:
    now = 1_700_000_000.9
    caller = Caller("link", "link", expires=None if left is None else 1_700_000_000 + left)
    assert right_seconds(caller, now) == seconds
    assert right_seconds(replace(caller, revocable=True), now) == min(seconds, 30)


def test_a_revoked_right_opens_nothing_after_five_minutes_wherever_it_is_remembered() -> None:
    assert MAX_PRIVATE_SECONDS + MAX_REVOCABLE_RIGHT_SECONDS + REVOCABLE_SECONDS == 300
