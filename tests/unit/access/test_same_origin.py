from __future__ import annotations

import pytest

from wsi_streamer.access.same_origin import is_same_origin

OURS = "https://slides.test"


@pytest.mark.parametrize(
    ("site", "origin", "host", "public_url", "same"),
    [
        ("same-origin", None, None, OURS, True),
        ("same-site", OURS, "slides.test", OURS, False),
        ("cross-site", OURS, "slides.test", OURS, False),
        ("none", None, "slides.test", OURS, False),
        (None, OURS, "inner:3000", OURS, True),
        (None, OURS, "inner:3000", OURS + "/", True),
        (None, "HTTPS://SLIDES.TEST", "x", OURS, True),
        (None, "http://slides.test", "slides.test", OURS, False),
        (None, "https://slides.test.evil.test", "slides.test", OURS, False),
        (None, "null", "slides.test", OURS, False),
        (None, None, "slides.test", OURS, False),
        (None, "http://127.0.0.1:3000", "127.0.0.1:3000", None, True),
        (None, "http://127.0.0.1:3001", "127.0.0.1:3000", None, False),
        (None, "null", "", None, False),
        (None, "null", None, None, False),
    ],
)
def test_who_may_have_sent_it(
    site: str | None, origin: str | None, host: str | None, public_url: str | None, same: bool
) -> None:
    assert is_same_origin(site, origin, host, public_url) is same
