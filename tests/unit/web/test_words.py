"""Both languages say the same things, and every error has its sentence in both."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from wsi_streamer.slides import errors
from wsi_streamer.slides.errors import RightEnded, WsiError
from wsi_streamer.web.error_words import JAPANESE_BY_CODE, JAPANESE_BY_MESSAGE, sentence
from wsi_streamer.web.errors import _CODES
from wsi_streamer.web.words import Words, words

ROOT = Path(__file__).parents[3]
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def codes() -> set[str]:
    """All that the API may answer with."""
    own = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WsiError)}
    return own | set(_CODES.values())


@pytest.mark.parametrize("name", [field.name for field in fields(Words)])
def test_a_sentence_has_the_same_values_in_both_languages(name: str) -> None:
    english, japanese = getattr(words("en"), name), getattr(words("ja"), name)
    assert english.count("{}") == japanese.count("{}")
    assert _JAPANESE.search(japanese)
    assert not _JAPANESE.search(english)


def test_every_error_has_a_sentence_in_japanese() -> None:
    assert set(JAPANESE_BY_CODE) == codes()
    assert all(_JAPANESE.search(said) for said in (*JAPANESE_BY_CODE.values(), *JAPANESE_BY_MESSAGE.values()))


def test_every_sentence_that_is_known_is_one_that_is_said() -> None:
    source = "".join(
        path.read_text() for path in (ROOT / "services/wsi_streamer").rglob("*.py") if "error_words" not in path.name
    )
    assert [said for said in JAPANESE_BY_MESSAGE if f'"{said}"' not in source] == []


def test_a_page_says_it_in_its_language() -> None:
    revoked = RightEnded("The grant has been revoked. Ask for a new link.")
    assert sentence(revoked, "en") == revoked.message
    assert "取り消されました" in sentence(revoked, "ja")
    assert sentence(RightEnded("Something new."), "ja") == JAPANESE_BY_CODE["unauthorized"]


def test_the_viewer_knows_every_code() -> None:
    source = (ROOT / "services/viewer/src/api/error-words.ts").read_text().partition("};")[0]
    assert set(re.findall(r"^  ([a-z_]+):", source, re.MULTILINE)) == codes()
