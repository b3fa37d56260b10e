"""The viewer's build as it is served."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from wsi_streamer.web.static_files import StaticFiles


@pytest.fixture
def built(tmp_path: Path) -> StaticFiles:
    (tmp_path / "viewer-B1a2.js").write_text("let code;" * 100)
    (tmp_path / "style-C3.css").write_text("body {}")
    (tmp_path / "notes.txt").write_text("not for others")
    (tmp_path / "folder.js").mkdir()
    return StaticFiles.load(tmp_path)


def test_only_files_of_the_build_are_known(built: StaticFiles) -> None:
    assert set(built.files) == {"viewer-B1a2.js", "style-C3.css"}
    assert built.named("viewer", ".js") == "viewer-B1a2.js"
    assert built.named("viewer", ".css") is None
    assert built.named("view", ".js") is None


def test_what_a_script_imports_is_known_from_the_manifest(tmp_path: Path) -> None:
    manifest = {
        "src/pages/view.ts": {"file": "viewer-1.js", "isEntry": True, "imports": ["_a.js"]},
        "src/pages/schema.ts": {"file": "schema-1.js", "isEntry": True},
        "_a.js": {"file": "a-1.js", "imports": ["_b.js"]},
        "_b.js": {"file": "b-1.js", "imports": ["_a.js"]},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    static = StaticFiles.load(tmp_path)
    assert static.imports == {"viewer-1.js": ("a-1.js", "b-1.js"), "schema-1.js": ()}
    assert static.files == {}, "the manifest itself is not served"


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert StaticFiles.load(tmp_path / "static").files == {}


@pytest.mark.parametrize(
    ("accepts", "zipped"),
    [("gzip, deflate, br", True), ("br;q=1.0, GZIP;q=0.5", True), ("", False), ("br", False), ("gzip;q=0", False)],
)
def test_text_is_compressed_for_who_takes_it(built: StaticFiles, accepts: str, zipped: bool) -> None:
    file = built.files["viewer-B1a2.js"]
    body, headers = file.encoded_for(accepts)
    assert (headers.get("content-encoding") == "gzip") is zipped
    assert (gzip.decompress(body) if zipped else body) == file.data
    assert headers["vary"] == "Accept-Encoding"
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in headers["cache-control"]
