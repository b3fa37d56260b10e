"""Ranges and file names of downloads."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.tiles.byte_range import asked_range
from wsi_streamer.tiles.disposition import attachment


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=10-19", range(10, 20)),
        ("bytes=10-", range(10, 100)),
        ("bytes=-10", range(90, 100)),
        ("bytes=-1000", range(100)),
        ("BYTES=99-200", range(99, 100)),
        ("bytes= 1-2 ", range(1, 3)),
    ],
)
def test_one_part(header: str, wanted: range) -> None:
    assert asked_range(header, 100) == wanted


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=999999999999999999-", "bytes=-0"])
def test_a_part_that_is_not_there_is_empty(header: str) -> None:
    found = asked_range(header, 100)
    assert found is not None
    assert len(found) == 0


@pytest.mark.parametrize(
    "header",
    ["", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "bytes=a-b", "bytes=1-2x", "items=0-1", "bytes=+1-2", "bytes=١-٢",
     "bytes=" + "9" * 5000 + "-", "bytes 0-1"],
)  # fmt: skip
def test_what_is_not_understood_asks_for_all(header: str) -> None:
    assert asked_range(header, 100) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("CMU-1.svs", "CMU-1.svs"),
        ("研究 1.svs", "研究 1.svs"),
        ('a"b\\c.svs', "a_b_c.svs"),
        ("a\r\nSet-Cookie: x=1.svs", "a__Set-Cookie_ x=1.svs"),
        ("gpj.exe\u202egvs.svs", "gpj.exe_gvs.svs"),
        ("..svs", "svs"),
        ("...", "slide"),
        ("", "slide"),
        ("x" * 300 + ".svs", "x" * 146 + ".svs"),
    ],
)
def test_a_file_is_called_what_the_slide_is_called(name: str, shown: str) -> None:
    assert decoded(attachment(name)) == shown


@given(st.text())
def test_whatever_the_name_it_stays_one_header_of_one_file(name: str) -> None:
    value = attachment(name)
    assert value.isascii()
    assert value.isprintable()
    found = decoded(value)
    assert found
    assert not set('/\\"') & set(found)


def decoded(value: str) -> str:
    """As a client that knows RFC 8187 reads it."""
    found = re.fullmatch(r"attachment; filename=\"([A-Za-z0-9._() -]+)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]+)", value)
    assert found is not None
    return unquote(found[2], errors="strict")
