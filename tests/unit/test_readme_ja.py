"""The Japanese README has the commands of the English one, and its routes."""

from __future__ import annotations

import re
from pathlib import Path

from wsi_streamer.settings import flag, setting_fields

ROOT = Path(__file__).parents[2]
ENGLISH, JAPANESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ja.md"))
_FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ROUTE = re.compile(r"^\| (`(?:GET|POST) .*?) \|", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")


def lines_of(text: str) -> list[str]:
    """What stands in fenced blocks."""
    return [line for block in _FENCED.findall(text) for line in block.splitlines() if line.strip()]


def test_every_command_is_one_of_the_english_text() -> None:
    commands = lines_of(JAPANESE)
    assert len(commands) > 15
    assert [line for line in commands if line not in lines_of(ENGLISH)] == []


def test_both_have_the_same_routes() -> None:
    def routes(text: str) -> list[str]:
        return [re.sub(r"`, ?`|`、`", "`, `", row) for row in _ROUTE.findall(text)]

    assert routes(JAPANESE) == routes(ENGLISH)


def test_its_links_lead_somewhere() -> None:
    anchors = {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", ENGLISH, re.MULTILINE)
    }
    for path, anchor in _LINK.findall(JAPANESE):
        assert (ROOT / path).exists(), path
        assert path != "README.md" or not anchor or anchor in anchors, anchor


def test_variables_and_options_are_those_that_there_are() -> None:
    fields = setting_fields()
    known = {field.metadata["env"] for field in fields.values()} | {flag(name) for name in fields}
    named = set(re.findall(r"`(WSI_[A-Z0-9_]+)`|`(--[a-z-]+)`", JAPANESE))
    assert {one or other for one, other in named} <= known | {"--help", "--host"}
