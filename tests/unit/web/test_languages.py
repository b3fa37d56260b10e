"""What a browser asks for, and what it gets."""

from __future__ import annotations

import pytest

from wsi_streamer.web.languages import chosen


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", "ja"),
        ("en-US,en;q=0.9,ja;q=0.8", "en"),
        ("JA-jp", "ja"),
        ("de,ja;q=0.5,en;q=0.3", "ja"),
        ("en;q=0.3, ja ; q=0.5", "ja"),
        ("de-DE,de;q=0.9", "en"),
        ("*", "en"),
        ("ja;q=0.5,*;q=0.8", "en"),
        ("ja,*;q=0.5", "ja"),
        ("en;q=0,*", "ja"),
        ("ja;q=0", "en"),
        ("en;q=0,ja;q=0", "en"),
        ("jam", "en"),
        ("ja;q=2", "en"),
        ("ja;q=many,en", "en"),
        ("ja;level=1", "en"),
        ("en,ja", "en"),
        ("ja,en", "ja"),
        (";;,,=", "en"),
        ("ja;q=nan", "en"),
    ],
)
def test_the_language_is_what_the_browser_wants_most(header: str, language: str) -> None:
    assert chosen(header) == language
