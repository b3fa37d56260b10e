"""``python -m tests.samples FOLDER``: paint the sample slides there. Those that are there already stay."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.samples.folder import ensure_samples


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.samples", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="the user's cache unless given")
    try:
        print(ensure_samples(parser.parse_args().folder))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
