"""What the tests need beside Python packages: ``python -m tests.prepare`` (called by ``make test``).

Chromium and nginx where a package manager can bring them, the S3 server, the identity provider, the sample slides. What is there already costs nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

from tests.samples import ensure_samples
from tests.support.identity_provider import ensure_identity_provider
from tests.support.s3server import ensure_versitygw
from tests.support.tools import chromium_path, nginx_path, unpacked_nginx


def main() -> int:
    """Get them, saying what takes its time."""
    began = time.monotonic()
    ensure_chromium()
    ensure_nginx()
    try:
        ensure_versitygw()
        ensure_identity_provider()
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


def ensure_nginx() -> None:
    """Debian's nginx, unpacked and not installed: that would start it as a service on port 80. Elsewhere the tests of an
    edge cache skip and name it."""
    if nginx_path() is not None:
        return
    binary = unpacked_nginx()
    folder = binary.parents[2]
    folder.mkdir(parents=True, exist_ok=True)
    said = "there is no apt-get"
    if shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None:
        print("Getting nginx for the tests of an edge cache ...", flush=True)
        steps = [["apt-get", "update", "-q"]] if os.geteuid() == 0 else []
        steps.append(["apt-get", "-q", "download", "nginx"])
        for step in steps:
            said = subprocess.run(step, cwd=folder, capture_output=True, text=True, check=False).stderr
        for package in folder.glob("nginx_*.deb"):
            subprocess.run(["dpkg-deb", "-x", package.name, "."], cwd=folder, check=False)
    if not binary.exists() or subprocess.run([binary, "-v"], capture_output=True, check=False).returncode != 0:
        binary.unlink(missing_ok=True)
        print(
            f"nginx is missing, so the tests of an edge cache will be skipped: install it. {said[-1000:]}", flush=True
        )


if __name__ == "__main__":
    sys.exit(main())
