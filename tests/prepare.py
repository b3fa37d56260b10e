"""What the tests need beside Python packages: ``python -m tests.prepare`` (called by ``make test``).

Chromium where a package manager can bring it, the S3 server, the sample slides. What is there already costs nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

from tests.samples import ensure_samples
from tests.support.s3server import ensure_versitygw
from tests.support.tools import chromium_path


def main() -> int:
    """Get them, saying what takes its time."""
    began = time.monotonic()
    ensure_chromium()
    try:
        ensure_versitygw()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    ensure_samples()
    if time.monotonic() - began > 5:
        print(f"Prepared in {time.monotonic() - began:.0f} s", flush=True)
    return 0


def ensure_chromium() -> None:
    """Debian's Chromium; elsewhere the browser tests skip and name it."""
    if chromium_path() is not None:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("Chromium is missing, so the browser tests will be skipped: install the package chromium.", flush=True)
        return
    print("Installing Chromium for the browser tests (about a minute) ...", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-o", "DPkg::Lock::Timeout=300", *command], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            print(f"Chromium can't be installed:\n{done.stderr[-1000:]}", file=sys.stderr, flush=True)
            return


if __name__ == "__main__":
    sys.exit(main())
