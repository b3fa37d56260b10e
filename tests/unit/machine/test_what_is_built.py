"""Programs, archives and images: what they are made of and named after."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from pathlib import Path

import pytest

from tests.cluster.machine import packages
from tests.cluster.machine.archives import write_archive
from tests.cluster.machine.binaries import ALL, CONTROL_PLANE, GO, PINNED, build_command
from tests.cluster.machine.images import RECIPES, REPO, content_hash
from tests.cluster.machine.places import KUBERNETES


def test_kubernetes_is_what_go_mod_pins() -> None:
    pinned = re.search(r"^require k8s\.io/kubernetes (\S+)$", (GO / "go.mod").read_text(), re.MULTILINE)
    assert pinned is not None
    assert pinned[1] == KUBERNETES
    assert set(re.findall(r'_ "(.+)"', (GO / "programs.go").read_text())) == set(PINNED.values()) - {
        "wsi-streamer/machine/pause"
    }


def test_go_sum_has_hashes_and_no_addresses() -> None:
    lines = (GO / "go.sum").read_text().splitlines()
    assert lines
    assert all(re.fullmatch(r"\S+ v\S+ h1:[A-Za-z0-9+/]{43}=", line) for line in lines)
    assert "://" not in (GO / "go.mod").read_text()


@pytest.mark.parametrize("name", ALL)
def test_programs_are_built_from_pinned_sources_without_c(name: str) -> None:
    arguments, env = build_command(name, Path("/target"))
    assert env["CGO_ENABLED"] == "0"
    assert "-mod=readonly" in arguments or re.search(r"@v\d+\.\d+\.\d+$", arguments[-1])


def test_a_control_plane_needs_no_more_than_it_runs() -> None:
    assert set(CONTROL_PLANE) < set(ALL)
    assert not {"kubelet", "kube-proxy", "pause"} & set(CONTROL_PLANE)


def test_an_archive_holds_its_program_and_is_the_same_each_time(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"runs")
    for name in ("a.tar", "b.tar"):
        write_archive(tmp_path / name, "localhost/x:1", {"x": program}, entrypoint=["/x"])
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    with tarfile.open(tmp_path / "a.tar") as archive:
        files = {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]
    manifest = json.loads(files["manifest.json"])[0]
    assert manifest["RepoTags"] == ["localhost/x:1"]
    config = json.loads(files[manifest["Config"]])
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(files['layer.tar']).hexdigest()}"]
    assert config["config"]["User"] == "65535:65535"


def test_an_images_name_changes_with_what_it_is_made_of(tmp_path: Path) -> None:
    (tmp_path / "package" / "__pycache__").mkdir(parents=True)
    (tmp_path / "package" / "a.py").write_text("a")
    (tmp_path / "lock").write_text("1")
    inputs = ("package", "lock")
    first = content_hash(tmp_path, inputs, ("base",))
    (tmp_path / "package" / "__pycache__" / "a.pyc").write_text("compiled")
    assert content_hash(tmp_path, inputs, ("base",)) == first
    assert content_hash(tmp_path, inputs, ("other base",)) != first
    (tmp_path / "lock").write_text("2")
    second = content_hash(tmp_path, inputs, ("base",))
    assert second != first
    (tmp_path / "package" / "a.py").rename(tmp_path / "package" / "b.py")
    assert content_hash(tmp_path, inputs, ("base",)) not in (first, second)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_all_that_an_image_copies_counts(recipe: object) -> None:
    dockerfile, inputs = recipe.dockerfile, recipe.inputs  # type: ignore[attr-defined]
    lines = [line.split() for line in (REPO / dockerfile).read_text().splitlines() if line.startswith("COPY ")]
    copied = {word for line in lines if "--from" not in line[1] for word in line[1:-1]}
    assert {word.replace("${ROLE}", "server") for word in copied} | {dockerfile, ".dockerignore"} == set(inputs)


def test_without_root_one_line_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    reason = packages.why_no_node()
    assert reason is not None
    assert "root" in reason
    assert "\n" not in reason
