"""Requests that are built to be read in two ways, or to make the service say or do what it should not."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.fortress import HOME, SECRET, Door, Fortress, signed, tile_path, vt
from tests.support.raw_http import Answer, sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

TILE = tile_path(HOME)
EVIL = "evil.example"

_OWN = {
    "date",
    "x-request-id",
    "connection",
    "server",
    "keep-alive",
    "x-edge-cache",
    "x-tile-cache-hit",
    "transfer-encoding",
}
"""Headers that differ between any two answers, or are the proxy's."""


def comparable(answer: Answer) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in answer.headers if name not in _OWN)


async def test_head_equals_get(door: Door, fortress: Fortress) -> None:
    ident = fortress.ids[HOME]
    targets = [
        f"{TILE}?{vt()}", f"/slides/{ident}?{vt()}", f"/slides/{ident}.dzi?{vt()}", f"/slides/{ident}/thumbnail?{vt()}",
        f"/slides/{ident}_files/0/0_0.jpg?{vt()}", "/health", "/schema/openapi.json", signed("/slides"), signed("/"),
        signed(f"/view/{ident}"), TILE, f"/slides/{ident}", "/slides", "/", f"/view/{ident}", "/none", "/tiles/none/0/0/0.jpg", "/access",
        f"{TILE}?{vt('b.tif')}", f"{TILE}?exp=x&vt=1", f"/tiles/{ident}/99/0/0.jpg?{vt()}", "/static/none.js", "/tiles/%00/0/0/0.jpg",
    ]  # fmt: skip
    for target in targets:
        await door.ask(target)
        got, head = await door.ask(target), await door.ask(target, method="HEAD")
        assert head.status == got.status, target
        assert comparable(head) == comparable(got), target
        assert head.body == b""


async def test_other_methods_and_overrides_do_nothing(door: Door, fortress: Fortress) -> None:
    url = f"{TILE}?{vt()}"
    for method in ("PUT", "DELETE", "PATCH", "POST", "PROPFIND", "TRACE", "CONNECT", "LOCK"):
        answer = await door.ask(url, method=method)
        assert answer.status in (400, 403, 405, 501), method
        assert fortress.key_of(answer.body) is None
        assert b"vt=" not in answer.body, "no request is echoed"
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        assert (await door.ask(TILE, f"{name}: OPTIONS")).status == 401
        assert (await door.ask(url, f"{name}: DELETE")).status == 200
        assert (await door.ask(f"{url}&_method=DELETE")).status == 200


def _smuggled(first: str, body: str) -> bytes:
    hidden = f"GET {tile_path('b.tif')}?{vt('b.tif')} HTTP/1.1\r\nHost: slides.example\r\n\r\n"
    return (first + "\r\n" + body + hidden).encode("latin-1")


SHAPES = {
    "CL and TE": ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    "TE and CL": ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
    "two CL": ("Content-Length: 0\r\nContent-Length: 40\r\n", ""),
    "CL list": ("Content-Length: 0, 40\r\n", ""),
    "CL plus": ("Content-Length: +0\r\n", ""),
    "CL negative": ("Content-Length: -1\r\n", ""),
    "CL hex": ("Content-Length: 0x0\r\n", ""),
    "TE twice": ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
    "TE odd": ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    "TE blank": ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
    "TE tab": ("Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
    "TE folded": ("Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
    "TE bare LF": ("X: y\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
    "chunk size": ("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n"),
    "chunk huge": ("Transfer-Encoding: chunked\r\n", "ffffffffffffffff0\r\n\r\n"),
    "chunk ext": ("Transfer-Encoding: chunked\r\n", "0;a=\x00\r\n\r\n"),
    "NUL": ("X-A: a\x00b\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_request_has_one_end(shape: str, door: Door, fortress: Fortress) -> None:
    """Behind a refused request hides one to another slide, for whoever reads its length otherwise. Both are the sender's own
    here: what matters is that proxy and service agree, so that nothing is left on a connection which others share."""
    headers, body = SHAPES[shape]
    for method in ("POST", "GET"):
        for target in (f"{TILE}?{vt()}", f"/tiles/{fortress.ids[HOME]}/prefetch"):
            first = f"{method} {target} HTTP/1.1\r\nHost: slides.example\r\n{headers}"
            answers = await sent(door.port, _smuggled(first, body))
            assert len(answers) <= 2, answers
        # Whoever comes next gets his own answer, on whichever connection of the proxy's.
        for _ in range(3):
            follow = await door.ask("/health")
            assert (follow.status, json.loads(follow.body)["status"]) == (200, "healthy")
            mine = await door.ask(f"{TILE}?{vt()}")
            assert fortress.key_of(mine.body) == HOME


async def test_the_host_header_decides_nothing(door: Door, fortress: Fortress) -> None:
    targets = [signed("/"), signed(f"/view/{fortress.ids[HOME]}"), f"/slides/{fortress.ids[HOME]}?{vt()}", "/none", "/schema/openapi.json",
               f"/slides/{fortress.ids[HOME]}.dzi?{vt()}", signed("/slides"), "/tiles", "/slides/", "/static", "/schema/"]  # fmt: skip
    for target in targets:
        for headers in (
            (),
            (f"X-Forwarded-Host: {EVIL}", "X-Forwarded-Proto: gopher", f"Forwarded: host={EVIL}"),
            (f"X-Original-Host: {EVIL}",),
        ):
            answer = await door.ask(target, *headers, host=EVIL)
            said = answer.body + str(answer.headers).encode()
            assert EVIL.encode() not in said, target
            assert b"gopher" not in said


async def test_a_whole_url_as_target_is_no_way_round(door: Door, fortress: Fortress) -> None:
    for target in (
        f"http://{EVIL}{TILE}", f"http://slides.example{TILE}", f"http://slides.example/tiles/../{TILE}", f"//{EVIL}{TILE}", f"http:{TILE}",
        f"https://slides.example:443{tile_path('b.tif')}?{vt()}", "*", "slides.example:80", f"file://{TILE}", f"/\\{EVIL}{TILE}",
        "http://169.254.169.254/latest/meta-data/", f"http://user:pass@slides.example{TILE}", "http://", "",
    ):  # fmt: skip
        try:
            answer = await door.ask(target)
        except ConnectionError:
            continue
        assert answer.status in (400, 401, 403, 404, 421), (target, answer)
        assert fortress.key_of(answer.body) is None
        assert EVIL.encode() not in answer.body
        assert not answer.all("location")
    allowed = await door.ask(f"http://slides.example{TILE}?{vt()}")
    assert allowed.status in (200, 400)


async def test_nothing_redirects_where_a_request_says(door: Door, fortress: Fortress) -> None:
    for path in ("/", "/view/x", "/slides", TILE, "/static/x", "/health", "/none", "/schema", f"//{EVIL}", f"//{EVIL}/%2e%2e", f"/\\{EVIL}",
                 f"/%2F%2F{EVIL}", f"/%5C{EVIL}", f"/http://{EVIL}", "/login", "/logout"):  # fmt: skip
        for query in (
            "",
            "?next=//evil.example",
            "?url=https://evil.example",
            "?redirect=https://evil.example&return_to=//evil.example",
        ):
            answer = await door.ask(path + query, f"Referer: https://{EVIL}/", host=EVIL)
            for location in answer.all("location"):
                assert EVIL not in location, (path, location)
                assert re.match(r"/(?![/\\])", location) or door.name == "nginx", (path, location)
            assert not answer.all("refresh")


async def test_no_request_chooses_a_bucket_or_an_endpoint(door: Door, fortress: Fortress) -> None:
    for name in (
        "bucket",
        "endpoint",
        "s3_endpoint",
        "s3-endpoint",
        "s3_bucket",
        "region",
        "source",
        "source_id",
        "url",
        "path",
        "file",
        "prefix",
    ):
        for value in ("other", "http://169.254.169.254/", "file:///etc/passwd"):
            odd = await door.ask(f"{TILE}?{vt()}&{name}={value}")
            assert (odd.status, fortress.key_of(odd.body)) == (200, HOME)
    for segment in (
        "s3:%2F%2Fother%2Fb.tif",
        "http:%2F%2F169.254.169.254%2Fb.tif",
        "file:%2F%2F%2Fetc%2Fpasswd.tif",
        "%2Fetc%2Fpasswd.tif",
    ):
        assert (await door.ask(signed(f"/tiles/{segment}/0/0/0.jpg"))).status == 404


async def test_errors_say_nothing_of_the_inside(door: Door, fortress: Fortress) -> None:
    store = fortress.service.service.context
    assert store is not None
    targets = [
        "/none", TILE, f"{TILE}?exp=1&vt=x", f"/tiles/{fortress.ids[HOME]}/99/0/0.jpg?{vt()}", signed(tile_path("none.tif")), signed(tile_path("notes.pdf")),
        signed("/slides", cursor="AAAA"), signed("/slides", limit="x"), signed("/slides", sort="x"), signed("/slides", status="x"),
        signed("/slides", prefix="\u0661"), signed("/slides", search="%' OR 1=1 --"), "/tiles/" + "a" * 2000 + "/0/0/0.jpg",
        signed(tile_path("x" * 1025 + ".tif")), signed(tile_path("\ufffe.tif")), signed("/", cursor="x"), "/tiles/%ff/0/0/0.jpg", "/slides/%00",
        f"/slides/{fortress.ids[HOME]}/thumbnail?max_size=x&{vt()}", f"/slides/{fortress.ids[HOME]}_files/x/0_0.jpg?{vt()}", "/schema/none",
        signed("/slides", cursor="eyJrIjogIngifQ=="), signed("/slides", cursor="\U0001f511" * 100),
    ]  # fmt: skip
    for target in targets:
        for method in ("GET", "POST", "OPTIONS"):
            answer = await door.ask(target, method=method)
            assert answer.status < 500 or (door.name != "direct" and answer.status == 501), (target, answer)
            said = (answer.body + str(answer.headers).encode()).lower()
            for inner in (b"traceback", b"wsi_streamer", b".py", b"select ", b"postgres", b"asyncpg", b"sqlalchemy", b"127.0.0.1", b"localhost",
                          b"bucket-", b"test-", b"x-amz", b"boto", SECRET.encode(), b"uvicorn", b"litestar", b"python"):  # fmt: skip
                assert inner not in said, (target, inner)


async def test_the_admin_api_is_not_on_the_public_port(door: Door) -> None:
    for path in ("/admin/status", "/admin/reindex", "/admin/jobs/1", "/admin/slides/x/explain", "/admin/events", "/admin/audit", "/metrics", "/ready",
                 "//admin/status", "/x/../admin/status", "/%61dmin/status", "/;/admin/status", "/static/../admin/status", "/health/../metrics"):  # fmt: skip
        for method in ("GET", "POST"):
            answer = await door.ask(path, "Authorization: Bearer admin", method=method, host="localhost:3001")
            assert answer.status in (400, 401, 403, 404, 405), path
            assert b"wsi_" not in answer.body


async def test_oversized_requests_end_in_a_refusal_and_harm_nobody(door: Door, fortress: Fortress) -> None:
    for headers, target in (
        ((), "/tiles/" + "a" * 100_000),
        ((), TILE + "?" + "&".join(f"p{i}=1" for i in range(20_000))),
        ((), TILE + "?" + "a" * 300_000),
        (("X-A: " + "a" * 300_000,), "/health"),
        (("Cookie: " + "a=b; " * 40_000,), "/health"),
        (("Authorization: Bearer " + "a" * 300_000,), TILE),
        (("X-Forwarded-For: " + "1.2.3.4, " * 30_000,), TILE),
        (tuple(f"X-{i}: y" for i in range(20_000)), "/health"),
    ):
        try:
            answer = await door.ask(target, *headers)
        except ConnectionError:
            pass
        else:
            assert answer.status in (400, 401, 404, 413, 414, 431), (target[:60], answer)
        assert (await door.ask(f"{TILE}?{vt()}")).body == fortress.tiles[HOME]


async def test_every_answer_has_the_security_headers_once(door: Door, fortress: Fortress) -> None:
    ident = fortress.ids[HOME]
    pages = [signed("/"), signed(f"/view/{ident}"), "/"]
    answers = [
        (target, await door.ask(target, "Accept: text/html", method=method))
        for target in [*pages, f"{TILE}?{vt()}", f"{TILE}?{vt()}", TILE, f"/slides/{ident}?{vt()}", f"/slides/{ident}.dzi?{vt()}", "/none",
                       f"/slides/{ident}/thumbnail?{vt()}", "/health", "/schema/openapi.json", "/schema", signed("/slides"), "/tiles/x"]
        for method in ("GET", "HEAD", "OPTIONS", "DELETE")
    ]  # fmt: skip
    for target, answer in answers:
        assert answer.header("x-content-type-options") == "nosniff", target
        assert answer.header("referrer-policy") == "no-referrer", target
        assert answer.header("cross-origin-resource-policy") == "same-origin", target
        if "image/" in (answer.header("content-type") or ""):
            continue
        if answer.header("content-security-policy") is None:
            assert target.startswith("/tiles/")
            assert answer.header("content-type") == "application/json"
            continue
        policy = answer.header("content-security-policy") or ""
        assert policy.startswith("default-src 'none';")
        assert "frame-ancestors" in policy
        assert answer.header("x-frame-options") == "SAMEORIGIN"
        assert "camera=()" in (answer.header("permissions-policy") or "")
