"""The script that fills the store of compose.yaml, as far as it is pure."""

from __future__ import annotations

import importlib.util
import io
import json
from pathlib import Path
from types import ModuleType

import pytest
import tifffile

PATH = Path(__file__).resolve().parents[3] / "compose" / "store" / "upload.py"


@pytest.fixture(scope="module")
def upload() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compose_upload", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_sample_is_a_tiled_pyramid(upload: ModuleType) -> None:
    with tifffile.TiffFile(io.BytesIO(upload.sample())) as tif:
        assert [page.shape for page in tif.pages] == [(side, side, 3) for side in (4096, 2048, 1024, 512)]
        assert all(page.is_tiled for page in tif.pages)


def test_slides_are_found_in_folders_by_their_extensions(upload: ModuleType, tmp_path: Path) -> None:
    for name in ("b.svs", "case 7/a.TIFF", "case 7/notes.txt", ".gitignore"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [key for key, _ in upload.slides_in(tmp_path)] == ["b.svs", "case 7/a.TIFF"]


def test_a_folder_that_is_not_there_is_no_empty_one(upload: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(upload.slides_in(tmp_path / "nowhere"))


def test_the_reader_may_list_and_get(upload: ModuleType) -> None:
    policy = json.loads(upload.read_only("slides", "wsi-reader"))
    assert {tuple(statement["Action"]) for statement in policy["Statement"]} == {("s3:ListBucket",), ("s3:GetObject",)}
    assert all(statement["Principal"] == {"AWS": ["wsi-reader"]} for statement in policy["Statement"])
