"""The shipped nginx configuration: by what it remembers a right, and what it tells of the client that asks for one.

Behind it stands a service that says yes to any credential it knows, so that each mistake of nginx's would show.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.nginx import nginx
from tests.support.raw_http import Answer, exchange

TILE = "/tiles/s-1/0/0/0.jpg?v=abc"


@dataclass
class Upstream:
    """Knows credentials by heart, and notes the heads of all that reaches it."""

    known: frozenset[str]
    asked: list[dict[str, str]] = field(default_factory=list)
    pictures: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
                headers: dict[str, str] = {}
                for line in lines:
                    name, _, value = line.partition(": ")
                    assert name.lower() not in headers, f"{name} twice"
                    headers[name.lower()] = value
                path = first.split(" ")[1]
                if path == "/access":
                    self.asked.append(headers)
                    head = (
                        "204 No Content\r\nX-Accel-Expires: 30"
                        if self._knows(headers)
                        else "401 No\r\nX-Accel-Expires: 0"
                    )
                    body = ""
                else:
                    self.pictures.append(headers)
                    shown = headers | {"x-original-uri": path}
                    head = "200 OK\r\nX-Accel-Expires: 60" if self._knows(shown) else "401 No\r\nX-Accel-Expires: 0"
                    body = "picture"
                length = "" if path == "/access" and "204" in head else f"Content-Length: {len(body)}\r\n"
                writer.write(f"HTTP/1.1 {head}\r\n{length}\r\n{body}".encode())
                await writer.drain()
        writer.close()

    def _knows(self, headers: dict[str, str]) -> bool:
        query = urlsplit(headers["x-original-uri"]).query
        shown = {*headers.get("cookie", "").split("; "), headers.get("authorization", ""), *query.split("&")}
        return bool(shown & self.known)


KNOWN = frozenset(
    {
        "wsi_session=one",
        "wsi_session=two",
        "Bearer one",
        "Bearer two",
        "Bearer a; b",
        "grant=wsg1.k.g-1.9.ab",
        "vt=aa",
        "sig=bb",
    }
)


@dataclass
class Edge:
    port: int
    upstream: Upstream

    async def get(self, target: str = TILE, *headers: str) -> Answer:
        return await exchange(self.port, target, *headers)

    async def checks(self, target: str, *headers: str) -> int:
        """How many rights were asked for, for one request."""
        before = len(self.upstream.asked)
        await self.get(target, *headers)
        return len(self.upstream.asked) - before


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    upstream = Upstream(KNOWN)
    async with await asyncio.start_server(upstream.answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with nginx(tmp_path / "nginx", [url]) as at:
            yield Edge(urlsplit(at).port or 0, upstream)


CREDENTIALS = [
    (TILE, "Cookie: wsi_session=one"),
    (TILE, "Authorization: Bearer one"),
    (f"{TILE}&grant=wsg1.k.g-1.9.ab", ""),
    (f"{TILE}&exp=99&vt=aa", ""),
]


@pytest.mark.parametrize(("target", "header"), CREDENTIALS)
async def test_a_right_is_remembered_for_its_slide_and_for_who_shows_the_same(
    target: str, header: str, edge: Edge
) -> None:
    headers = [header] if header else []
    assert (await edge.get(target, *headers)).status == 200
    assert (await edge.get(target, *headers)).header("x-edge-cache") == "HIT"
    assert await edge.checks(target.replace("/0/0/0", "/0/7/7"), *headers) == 0, "another tile of the slide"
    assert await edge.checks(target.replace("s-1", "s-2"), *headers) == 1, "another slide"
    for other_target, other in [
        *CREDENTIALS,
        (TILE, "Cookie: wsi_session=bad"),
        (TILE, "Authorization: Bearer bad"),
        (TILE, "X: y"),
    ]:
        if (other_target, other) != (target, header):
            before = len(edge.upstream.asked)
            answer = await edge.get(other_target, *([other] if other else []))
            assert len(edge.upstream.asked) == before + 1, (other_target, other)
            assert answer.status == (200 if (other_target, other) in CREDENTIALS else 401), (other_target, other)


@pytest.mark.parametrize(("target", "header"), CREDENTIALS)
async def test_a_further_credential_is_another_request(target: str, header: str, edge: Edge) -> None:
    headers = [header] if header else []
    await edge.get(target, *headers)
    assert await edge.checks(target, *headers) == 0
    for extra in ("Authorization: Bearer two", "Cookie: wsi_session=two"):
        if extra.partition(":")[0] != header.partition(":")[0]:
            assert await edge.checks(target, *headers, extra) == 1
    if "grant" not in target:
        assert await edge.checks(f"{target}&grant=wsg1.k.g-2.9.ab", *headers) == 1
    if "vt" not in target:
        assert await edge.checks(f"{target}&exp=99&vt=ab", *headers) == 1


async def test_a_signature_is_one_of_its_whole_url_whatever_else_is_shown(edge: Edge) -> None:
    for headers in ([], ["Cookie: wsi_session=one"], ["Authorization: Bearer one"]):
        assert await edge.checks(f"{TILE}&exp=9&sig=bb", *headers) == 1
        assert await edge.checks(f"{TILE}&exp=9&sig=bb", *headers) == 0
        assert await edge.checks(f"{TILE.replace('/0/0/0', '/0/1/0')}&exp=9&sig=bb", *headers) == 1


async def test_no_credential_can_pose_as_two_others(edge: Edge) -> None:
    """The key of one request is never that of another, wherever blanks and semicolons stand."""
    asked = [
        ["Cookie: wsi_session=one", "Authorization: Bearer a; b"],
        ["Cookie: wsi_session=one; authorization=Bearer a", "Authorization: b"],
        ["Cookie: wsi_session=one; authorization=Bearer a; b"],
        ["Cookie: other=wsi_session=one; x=1"],
        ["Authorization: wsi_session=one"],
    ]
    for headers in asked:
        assert await edge.checks(TILE, *headers) == 1, headers


async def test_a_session_has_two_names_and_two_sessions_are_none(edge: Edge) -> None:
    for sent, told in (
        ("__Host-wsi_session=one; theme=dark", "__Host-wsi_session=one"),
        ("wsi_session=one; wsi_session=two", None),
        ("__Host-wsi_session=one; wsi_session=two", None),
        ("my_session=wsi", None),
    ):
        edge.upstream.asked.clear()
        await edge.get(f"{TILE}&a={len(sent)}", f"Cookie: {sent}", "Authorization: Bearer three")
        for asked in edge.upstream.asked:
            assert asked.get("cookie") == told, sent


async def test_the_service_is_told_what_was_shown_and_by_whom(edge: Edge) -> None:
    await edge.get(
        f"{TILE}&exp=9&vt=cc", "Cookie: theme=dark; wsi_session=one; x=1", "Authorization: Bearer three",
        "X-Forwarded-For: 192.0.2.1", "X-Original-URI: /tiles/s-2/0/0/0.jpg?v=abc", "X-Other: 1",
    )  # fmt: skip
    (asked,) = edge.upstream.asked
    assert asked["cookie"] == "wsi_session=one"
    assert asked["authorization"] == "Bearer three"
    assert asked["x-forwarded-for"] == "127.0.0.1"
    assert asked["x-original-uri"] == f"{TILE}&exp=9&vt=cc"
    assert "x-other" not in asked
    (picture,) = edge.upstream.pictures
    assert picture["x-forwarded-for"] == "127.0.0.1"
    assert "wsi_session=one" in picture["cookie"]


async def test_a_request_without_credentials_has_none_on_the_way(edge: Edge) -> None:
    assert (await edge.get()).status == 401
    (asked,) = edge.upstream.asked
    assert not {"cookie", "authorization"} & set(asked)


async def test_long_tokens_of_identities_are_remembered_too(edge: Edge) -> None:
    long = ["Authorization: Bearer " + "x" * 7000, "Cookie: wsi_session=one; other=" + "y" * 4000]
    target = f"/tiles/{'%41' * 1000}/0/0/0.jpg?v=abc"
    assert [(await edge.get(target, *long)).header("x-edge-cache") for _ in range(2)] == ["MISS", "HIT"]
    assert await edge.checks(target, *long) == 0


async def test_pictures_are_shared_by_all_who_may_see_them(edge: Edge) -> None:
    for i, (target, header) in enumerate(CREDENTIALS):
        answer = await edge.get(target, *([header] if header else []))
        assert answer.header("x-edge-cache") == ("HIT" if i else "MISS")
    assert len(edge.upstream.pictures) == 1


async def test_a_grant_that_is_written_oddly_is_no_cached_request(edge: Edge) -> None:
    for odd in ("grant=", "grant=a%2E", "grant=wsg1.k.g-1.9.ab&grant=x", "gr%61nt=wsg1", "grant=a+b"):
        answer = await edge.get(f"{TILE}&{odd}", "Cookie: wsi_session=one")
        assert answer.header("x-edge-cache") is None, odd


async def test_tokens_are_not_in_the_picture_caches_files(edge: Edge, tmp_path: Path) -> None:
    for target, header in CREDENTIALS:
        await edge.get(target, *([header] if header else []))
    files = [p for p in (tmp_path / "nginx" / "wsi-pictures").rglob("*") if p.is_file()]
    assert len(files) == 1
    data = files[0].read_bytes()
    assert not any(secret in data for secret in (b"one", b"wsg1", b"vt=", b"aa"))
