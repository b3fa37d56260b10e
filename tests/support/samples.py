"""The sample slides, drawn once and kept outside the tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.samples import SAMPLES_VERSION
from tests.support.tools import cache_dir

_REPO = Path(__file__).resolve().parents[2]


def ensure_samples() -> Path:
    """The folder that holds them; missing ones are drawn first (some minutes, with progress on stderr).

    Raises:
        subprocess.CalledProcessError: they can't be drawn; what went wrong was printed.
    """
    folder = cache_dir() / f"samples-v{SAMPLES_VERSION}"
    done = folder / ".complete"
    if not done.exists():
        print("Drawing the sample slides, some minutes ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "tests.samples", str(folder)], cwd=_REPO, check=True)
        done.touch()
    return folder
