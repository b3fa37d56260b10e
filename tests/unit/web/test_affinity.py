from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsi_streamer.web.affinity import MAX_SEGMENT, Affinity, owner

AFFINITY = Affinity(("tiles", "slides", "view"), (".dzi", "_files"))


def key(data: bytes) -> bytes | None:
    found = AFFINITY.match(data)
    return None if found is None else found.key


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /tiles/case%2Fa.svs/0/1/2.jpg HTTP/1.1\r\n",
        b"HEAD /tiles/case%2Fa.svs/0/1/2.jpg?exp=1&sig=2 HTTP/1.1\r\n",
        b"POST /tiles/case%2Fa.svs/prefetch HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}",
        b"GET /slides/case%2Fa.svs HTTP/1.1\r\n",
        b"GET /slides/case%2Fa.svs?details=1 HTTP/1.0\r\n",
        b"GET /slides/case%2Fa.svs.dzi HTTP/1.1\r\n",
        b"GET /slides/case%2Fa.svs_files/3/0_0.jpg HTTP/1.1\r\n",
        b"GET /slides/case%2Fa.svs/thumbnail HTTP/1.1\r\n",
        b"GET /view/case%2Fa.svs#there HTTP/1.1\r\n",
        b"GET /view/c%61se%2fa.svs HTTP/1.1\r\n",
        b"GET /tiles/case%2Fa.svs/",
    ],
)
def test_all_routes_of_a_slide_have_its_key(request_line: bytes) -> None:
    assert key(request_line) == b"case/a.svs"


def test_percent_signs_are_decoded_once() -> None:
    assert key(b"GET /view/100%2525.svs HTTP/1.1") == b"100%25.svs"
    assert key(b"GET /view/%zz%.svs HTTP/1.1") == b"%zz%.svs"
    assert key(b"GET /view/\xc3\xa9.svs HTTP/1.1") == key(b"GET /view/%C3%A9.svs HTTP/1.1")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"G",
        b"GET /tiles/case%2Fa.sv",  # the end is in the next packet
        b"GET /tiles/",
        b"GET /tiles/ HTTP/1.1\r\n",
        b"GET /tiles// HTTP/1.1\r\n",
        b"GET /tiles HTTP/1.1\r\n",
        b"GET /slides?limit=5 HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\n",
        b"GET /health HTTP/1.1\r\n",
        b"GET /static/view/a HTTP/1.1\r\n",
        b"GET http://host/tiles/a/0/0/0.jpg HTTP/1.1\r\n",
        b"GET * HTTP/1.1\r\n",
        b"GET  /tiles/a/0/0/0.jpg HTTP/1.1\r\n",
        b"get /tiles/a/0/0/0.jpg HTTP/1.1\r\n",
        b"\r\nGET /tiles/a/0/0/0.jpg HTTP/1.1\r\n",
        b"GET /tiles/a\r\nX: /0/0",
        b"GET /tiles/" + b"a" * (MAX_SEGMENT + 1) + b"/0/0/0.jpg",
        b"A" * 17 + b" /tiles/a/",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_nobodys_in_particular(data: bytes) -> None:
    assert key(data) is None


def test_the_beginning_ends_with_the_segment() -> None:
    found = AFFINITY.match(b"GET /tiles/a/0/0/0.jpg HTTP/1.1\r\n")
    assert found is not None
    assert found.beginning == b"GET /tiles/a/"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_not(data: bytes) -> None:
    for begun in (data, b"GET /tiles/" + data, b"GET /slides/" + data + b" HTTP/1.1\r\n"):
        found = AFFINITY.match(begun)
        assert found is None or begun.startswith(found.beginning)


def test_long_nonsense_takes_no_time() -> None:
    began = time.perf_counter()
    for data in (b"A" * 65_536, b"GET /" + b"tile/" * 10_000, b"GET /tiles/" + b"%" * 65_536, b" " * 65_536):
        assert key(data) is None
    assert time.perf_counter() - began < 0.5


def test_keys_are_spread_and_stay() -> None:
    up = [True] * 4
    owners = [owner(b"case-%d.svs" % n, up) for n in range(1000)]
    assert {n: owners.count(n) > 200 for n in range(4)} == dict.fromkeys(range(4), True)
    assert owners == [owner(b"case-%d.svs" % n, up) for n in range(1000)]
    assert {owner(b"case/%s.tif" % c, up[:2]) for c in (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h")} == {0, 1}


def test_only_the_keys_of_a_worker_that_is_gone_go_elsewhere() -> None:
    before = [owner(b"case-%d.svs" % n, [True, True, True]) for n in range(100)]
    after = [owner(b"case-%d.svs" % n, [True, False, True]) for n in range(100)]
    assert all(new == (2 if old == 1 else old) for old, new in zip(before, after, strict=True))
    assert owner(b"a", [False, False]) is None
