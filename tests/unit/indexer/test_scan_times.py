"""Times of scans, as cron means them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.indexer.scan_times import ScanTimes
from wsi_streamer.settings import InvalidSettings

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
"""A Saturday."""


@pytest.mark.parametrize(
    ("expression", "latest", "following"),
    [
        ("0 3 * * *", datetime(2026, 11, 21, 3, tzinfo=UTC), datetime(2026, 11, 22, 3, tzinfo=UTC)),
        ("0 12 * * *", NOON, datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("*/15 * * * *", NOON, datetime(2026, 11, 21, 12, 15, tzinfo=UTC)),
        ("30 2 * * 1-5", datetime(2026, 11, 20, 2, 30, tzinfo=UTC), datetime(2026, 11, 23, 2, 30, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2024, 2, 29, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 4 * * sun", datetime(2026, 11, 15, 4, tzinfo=UTC), datetime(2026, 11, 22, 4, tzinfo=UTC)),
    ],
)
def test_the_time_before_and_the_one_after(expression: str, latest: datetime, following: datetime) -> None:
    times = ScanTimes.of(expression)
    assert (times.latest(NOON), times.next(NOON)) == (latest, following)
    late = NOON.replace(microsecond=500_000)
    assert (times.latest(late), times.next(late)) == (latest, following)


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["* * * * *", "0 * * * *", "17 5 * * 2", "0 0 1 * *", "59 23 31 12 *"]),
)
def test_no_time_is_skipped_and_none_comes_twice(now: datetime, expression: str) -> None:
    times = ScanTimes.of(expression)
    latest, following = times.latest(now), times.next(now)
    assert latest <= now < following
    assert times.next(latest) == following
    assert times.latest(following) == following


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "five fields"),
        ("@daily", "five fields"),
        ("0 3 * *", "five fields"),
        ("0 0 3 * * *", "five fields"),
        ("60 3 * * *", "bad minute"),
        ("0 24 * * *", "bad hour"),
        ("0 3 * * funday", "bad day-of-week"),
        ("0 0 31 2 *", "bad day-of-month"),
        ("0 0 1 13 *", "bad month"),
    ],
)
def test_what_is_no_schedule_is_refused_in_one_line(expression: str, words: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        ScanTimes.of(expression)
    message = caught.value.message
    assert words in message
    assert "WSI_SCAN_SCHEDULE" in message
    assert "\n" not in message
