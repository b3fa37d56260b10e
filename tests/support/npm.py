"""npm in the viewer's folder, with the machine's Node or the wheel's: ``python -m tests.support.npm run build``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.tools import node_folder, npm_command

VIEWER = Path(__file__).resolve().parents[2] / "services" / "viewer"


def npm(*arguments: str) -> int:
    """Run it there; its exit code."""
    env = os.environ | {"PATH": f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([*npm_command(), *arguments], cwd=VIEWER, env=env, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(npm(*sys.argv[1:]))
    except RuntimeError as error:
        sys.exit(str(error))
