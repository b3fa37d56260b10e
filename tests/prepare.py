"""What the tests need beside Python packages: ``python -m tests.prepare`` (called by ``make test``).

Chromium, a font with Japanese, nginx and HAProxy where a package manager can bring them, the S3 server, the identity provider, a Kubernetes and the
images for it, the sample slides.
What is there already costs nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.cluster.machine.prepare import ensure_cluster
from tests.samples import ensure_samples
from tests.support.identity_provider import ensure_identity_provider
from tests.support.s3server import ensure_versitygw
from tests.support.tools import (
    chromium_path,
    haproxy_path,
    has_japanese_font,
    library_path,
    nginx_path,
    unpacked_haproxy,
    unpacked_nginx,
)


def main() -> int:
    """Get them, saying what takes its time."""
    began = time.monotonic()
    ensure_chromium()
    ensure_japanese()
    ensure_nginx()
    ensure_haproxy()
    try:
        ensure_versitygw()
        ensure_identity_provider()
        if (reason := ensure_cluster()) is not None:
            print(f"Tests that run pods will be skipped. Missing: {reason}.", flush=True)
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
    if not _can_install():
        print("Chromium is missing, so the browser tests will be skipped: install the package chromium.", flush=True)
        return
    print("Installing Chromium for the browser tests (about a minute) ...", flush=True)
    _install("Chromium", "chromium")


def ensure_japanese() -> None:
    """A font with Japanese, for people who look at the screenshots: what is tested of the pages is their text."""
    if chromium_path() is None or has_japanese_font():
        return
    if not _can_install():
        print("Japanese screenshots will show boxes: install a font, such as fonts-ipaexfont-gothic.", flush=True)
        return
    print("Installing a font with Japanese for the screenshots ...", flush=True)
    _install("A font with Japanese", "fonts-ipaexfont-gothic")


def _can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(name: str, package: str) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", package]):
        done = subprocess.run(
            ["apt-get", "-o", "DPkg::Lock::Timeout=300", *command], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            print(f"{name} can't be installed:\n{done.stderr[-1000:]}", file=sys.stderr, flush=True)
            return


def ensure_nginx() -> None:
    """For the tests of an edge cache."""
    if nginx_path() is None:
        _unpack("nginx", unpacked_nginx())


def ensure_haproxy() -> None:
    """For the tests behind proxies."""
    if haproxy_path() is None:
        _unpack("haproxy", unpacked_haproxy(), "liblua", "libopentracing")


def _unpack(package: str, binary: Path, *libraries: str) -> None:
    """A package of Debian, unpacked and not installed: that would start it as a service. With those of its dependencies
    that begin so; others every Debian has. Elsewhere the tests that need it skip and name it."""
    folder = binary.parents[2]
    folder.mkdir(parents=True, exist_ok=True)
    said = "there is no apt-get"
    if shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None:
        print(f"Getting {package} for the tests ...", flush=True)
        if os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
        wanted = [package, *_dependencies(package, libraries)]
        said = subprocess.run(
            ["apt-get", "-q", "download", *wanted], cwd=folder, capture_output=True, text=True, check=False
        ).stderr
        for name in wanted:
            for file in folder.glob(f"{name}_*.deb"):
                subprocess.run(["dpkg-deb", "-x", file.name, "."], cwd=folder, check=False)
    env = os.environ | {"LD_LIBRARY_PATH": library_path(folder)}
    if not binary.exists() or subprocess.run([binary, "-v"], env=env, capture_output=True, check=False).returncode != 0:
        binary.unlink(missing_ok=True)
        print(f"{package} is missing, so its tests will be skipped: install it. {said[-1000:]}", flush=True)


def _dependencies(package: str, beginnings: tuple[str, ...]) -> list[str]:
    if not beginnings:
        return []
    options = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
    listed = subprocess.run(
        ["apt-cache", "depends", "--recurse", *options, package], capture_output=True, text=True, check=False
    ).stdout
    return [line for line in listed.splitlines() if line.startswith(beginnings)]


if __name__ == "__main__":
    sys.exit(main())
