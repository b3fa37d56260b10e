"""Each row of the threat table names a test, and that test is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"\| (\d+) \| [ALWNPO, ]+ \|.*\| (.*) \|")
_NAMED = re.compile(r"`([^`]+)`")


def rows() -> dict[int, str]:
    text = (ROOT / "ARCHITECTURE.md").read_text().partition("## Threats")[2].partition("\n## ")[0]
    return {int(match[1]): match[2] for match in _ROW.finditer(text)}


FOLDERS = (
    "tests/integration/threats",
    "tests/integration/access",
    "tests/integration",
    "tests/unit/access",
    "tests/browser",
)


def file_of(name: str) -> Path | None:
    """The file or folder of a name, which the table may shorten by its folder and its ending; None: it is a test's."""
    for path in (ROOT / name, *(ROOT / folder / f"{name.removesuffix('.py')}.py" for folder in FOLDERS)):
        if path.exists():
            return path
    return None


def test_every_row_names_tests_that_there_are() -> None:
    found = rows()
    assert list(found) == list(range(1, len(found) + 1))
    assert len(found) >= 40
    missing = []
    for number, cell in found.items():
        files: list[Path] = []
        for name in _NAMED.findall(cell):
            file = file_of(name)
            if file is not None:
                files.append(file)
            elif not files or files[-1].is_dir() or f"def {name.rstrip('…')}" not in files[-1].read_text():
                missing.append((number, name))
        assert files, f"row {number} names no test"
    assert missing == []
