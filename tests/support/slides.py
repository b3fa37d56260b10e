"""Real slides from public repositories. They are not in the tree."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.needs import missing

_REPO = Path(__file__).resolve().parents[2]


def real_slides_dir() -> Path:
    """The folder, from WSI_TEST_SLIDES or beside the repository."""
    folder = Path(os.environ.get("WSI_TEST_SLIDES") or _REPO / ".." / "shared" / "slides").resolve()
    if not folder.is_dir():
        missing("real slides: set WSI_TEST_SLIDES to a folder that holds them")
    return folder


def real_slide(name: str) -> Path:
    """One of them."""
    path = real_slides_dir() / name
    if not path.exists():
        missing(f"real slide {name}")
    return path
