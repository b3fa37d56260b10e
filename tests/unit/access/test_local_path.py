from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.access.local_path import MAX_CHARACTERS, local_path


@pytest.mark.parametrize("path", ["/", "/view/s-1", "/view/a%2Fb.svs?x=1&y=%20", "/?q=a//b", "/./view", "/authors"])
def test_paths_of_this_service(path: str) -> None:
    assert local_path(path) == ("/" if path == "/authors" else path)


@pytest.mark.parametrize(
    "path",
    [
        None, "", "view", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "https:/x",
        "javascript:alert(1)", "/\t/evil.test", "/\n/evil.test", "\t//evil.test", " //evil.test", "/ /evil.test", "/\x00",
        "/\x7f", "/ä", "/" + "a" * MAX_CHARACTERS, "/auth/login", "/auth/logout?x", "/auth",
    ],
)  # fmt: skip
def test_anything_else_leads_home(path: str | None) -> None:
    assert local_path(path) == "/"


@given(st.text(alphabet="/\\.:@evil\t\n %2F#?", max_size=12))
def test_no_browser_could_read_it_as_another_site(path: str) -> None:
    # What the URL standard does first: tabs and line ends go, a backslash is a slash.
    seen = "".join(c for c in local_path(path).strip() if c not in "\t\r\n").replace("\\", "/")
    assert seen.startswith("/")
    assert not seen.startswith("//")
