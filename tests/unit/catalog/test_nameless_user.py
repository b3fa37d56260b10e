"""A user without a name gets one for initdb. That initdb takes it is tested with the image (tests/cluster/test_images.py)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wsi_streamer.catalog import nameless_user
from wsi_streamer.catalog.nameless_user import named_user


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of an interpreter that has the library beside its packages, as the image's."""
    path = tmp_path / "lib" / "libnss_wrapper.so"
    path.parent.mkdir()
    path.touch()
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    return path


def test_who_has_a_name_keeps_it(library: Path) -> None:
    with named_user() as variables:
        assert variables == {}


def test_who_has_none_is_named(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 987_654)
    with named_user() as variables:
        users = Path(variables["NSS_WRAPPER_PASSWD"])
        assert variables["LD_PRELOAD"] == str(library)
        assert users.read_text() == f"wsi:x:987654:{os.getegid()}::/:/bin/false\n"
        assert Path(variables["NSS_WRAPPER_GROUP"]).exists()
    assert not users.exists()


def test_without_the_library_the_program_says_what_it_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 987_654)
    monkeypatch.setattr(nameless_user, "nss_wrapper", lambda: None)
    with named_user() as variables:
        assert variables == {}
