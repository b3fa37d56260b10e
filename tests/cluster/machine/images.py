"""The project's images, built from its Dockerfiles as a hospital would behind its mirrors."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.machine.places import BASE_IMAGE
from tests.support.tools import cache_dir

REPO = Path(__file__).resolve().parents[3]
KEY_LENGTH = 16
KEPT = 3
"""Archives of a kind that are kept."""

RELEASE = "bookworm"
CONTAINER = ("--runtime", "runc", "--ulimit", "nofile=1000:1000", "--ulimit", "nproc=1000:1000", "--no-healthcheck")
"""For ``podman run`` where hard limits are low and there is no systemd."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """An image and what it is made of."""

    name: str
    dockerfile: str
    inputs: tuple[str, ...]
    """Files and folders below the repository."""

    has_next: bool = False
    """There is a second image of the same, with a variable more: a later release, to upgrade to."""


@dataclass(frozen=True, slots=True)
class Built:
    """An image in podman's storage and in an archive. Its tag says what it was built from, so that several trees on one machine
    do not take each other's."""

    tag: str
    archive: Path

    @property
    def next_tag(self) -> str:
        """The later release's."""
        return f"{self.tag}-next"


RECIPES = (
    Recipe(
        "wsi-streamer",
        "services/Dockerfile",
        (
            ".dockerignore",
            "services/Dockerfile",
            "requirements-server.txt",
            "requirements-build.txt",
            "pyproject.toml",
            "README.md",
            "LICENSE",
            "services/wsi_streamer",
        ),
        has_next=True,
    ),
    Recipe(
        "wsi-streamer-operator",
        "operator/Dockerfile",
        (".dockerignore", "operator/Dockerfile", "requirements-operator.txt", "operator/wsi_operator"),
    ),
)


def ensure_images() -> tuple[Built, Built]:
    """Those of the services and of the operator, built where the tree has changed since.

    Raises:
        RuntimeError: one can't be built.
    """
    base = ensure_base_image()
    services, operator = (_ensure(recipe, base) for recipe in RECIPES)
    return services, operator


def ensure_base_image() -> str:
    """The image that ours start from: WSI_TEST_BASE_IMAGE, else a minimal Debian with Python, made here by debootstrap (half a
    minute). No registry is asked.

    Raises:
        RuntimeError: it can't be made.
    """
    given = os.environ.get("WSI_TEST_BASE_IMAGE")
    if given:
        return given
    if image_id(BASE_IMAGE) is not None:
        return BASE_IMAGE
    _say("Making the base image of the tests, once (half a minute) ...")
    folder = Path(tempfile.mkdtemp(prefix="wsi-base-"))
    try:
        packages = "--include=python3,python3-venv,ca-certificates"
        root = folder / "root"
        _run(["debootstrap", "--variant=minbase", packages, RELEASE, str(root), *_mirror()])
        for left in ("var/cache/apt", "var/lib/apt/lists", "var/log"):
            shutil.rmtree(root / left, ignore_errors=True)
            (root / left).mkdir(parents=True)
        _run(["tar", "-C", str(root), "-cf", str(folder / "root.tar"), "."])
        _run(["podman", "import", "--quiet", str(folder / "root.tar"), BASE_IMAGE])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return BASE_IMAGE


def build(tag: str, dockerfile: Path, *arguments: str, context: Path = REPO) -> None:
    """Build an image. The machine's certificate authorities and pip's configuration are mounted, never copied in.

    Raises:
        RuntimeError: with the builder's last words.
    """
    command = ["podman", "build", "--quiet", "--format", "docker", "--isolation", "chroot", "--network", "host"]
    command += [*secrets(), "--tag", tag, "--file", str(dockerfile), *arguments, str(context)]
    _run(command)


def secrets() -> list[str]:
    """This machine's way to its package index, as build secrets and arguments."""
    options = []
    ca = os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt"
    for name, path in (("ca", Path(ca)), ("pip", Path("/etc/pip.conf"))):
        if path.exists():
            options += ["--secret", f"id={name},src={path}"]
    if index := os.environ.get("PIP_INDEX_URL"):
        options += ["--build-arg", f"PIP_INDEX_URL={index}"]
    return options


def image_id(tag: str) -> str | None:
    """Of an image in podman's storage."""
    command = ["podman", "image", "inspect", "--format", "{{.Id}}", tag]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def content_hash(root: Path, inputs: Iterable[str], more: Sequence[str] = ()) -> str:
    """Of the files' names and bytes; byte code left out."""
    found = hashlib.sha256("\0".join(more).encode())
    for item in inputs:
        path = root / item
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode())
                found.update(file.read_bytes())
    return found.hexdigest()[:KEY_LENGTH]


def _ensure(recipe: Recipe, base: str) -> Built:
    key = content_hash(REPO, recipe.inputs, (recipe.name, base, image_id(base) or ""))
    folder = cache_dir() / "images"
    built = Built(f"localhost/{recipe.name}:test-{key}", folder / f"{recipe.name}-{key}.tar")
    tags = [built.tag, built.next_tag] if recipe.has_next else [built.tag]
    if built.archive.exists() and all(image_id(tag) for tag in tags):
        built.archive.touch()
        return built
    began = time.monotonic()
    _say(f"Building the image {recipe.name} ...")
    labels = ["--build-arg", f"BASE_IMAGE={base}", "--build-arg", "VERSION=0.1.0", "--build-arg", "REVISION=tests"]
    build(built.tag, REPO / recipe.dockerfile, *labels)
    if recipe.has_next:
        with tempfile.TemporaryDirectory() as empty:
            dockerfile = Path(empty) / "Dockerfile"
            dockerfile.write_text(f"FROM {built.tag}\nENV WSI_TEST_RELEASE=next\n")
            build(built.next_tag, dockerfile, context=Path(empty))
    folder.mkdir(parents=True, exist_ok=True)
    building = folder / f"{recipe.name}.{os.getpid()}"
    building.unlink(missing_ok=True)
    saving = ["podman", "save", "--quiet", "--multi-image-archive", "--format", "docker-archive"]
    _run([*saving, "--output", str(building), *tags])
    building.replace(built.archive)
    _forget_older(recipe, folder)
    _say(f"  {recipe.name} ({time.monotonic() - began:.0f} s)")
    return built


def _forget_older(recipe: Recipe, folder: Path) -> None:
    """All but the latest few, here and in podman's storage. What a container uses stays."""
    archives = sorted(folder.glob(f"{recipe.name}-{'?' * KEY_LENGTH}.tar"), key=lambda path: path.stat().st_mtime)
    for old in archives[:-KEPT]:
        old.unlink(missing_ok=True)
    kept = {path.stem.rpartition("-")[2] for path in archives[-KEPT:]}
    listed = _run(["podman", "images", "--format", "{{.Repository}}:{{.Tag}}", f"localhost/{recipe.name}"])
    for tag in listed.split():
        key = tag.rpartition(":test-")[2].removesuffix("-next")
        if len(key) == KEY_LENGTH and key not in kept:
            subprocess.run(["podman", "rmi", tag], capture_output=True, check=False)


def _mirror() -> list[str]:
    """Where this machine has its packages from; none elsewhere, where debootstrap has its own default."""
    release = Path("/etc/os-release")
    if not release.exists() or "ID=debian" not in release.read_text().splitlines():
        return []
    listed = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(file.read_text(errors="replace") for file in listed if file.is_file())
    return re.findall(r"^(?:URIs:|deb(?: \[.*\])?)\s+(https?://\S+)", text, re.MULTILINE)[:1]


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:3])} … failed:\n{(done.stderr or done.stdout)[-3000:]}")
    return done.stdout


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
