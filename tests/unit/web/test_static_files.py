"""The viewer's build as it is served."""

from __future__ import annotations

import gzip
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
