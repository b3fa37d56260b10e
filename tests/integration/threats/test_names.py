"""Slides' names are data: on pages, in JSON and XML, in headers."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from tests.support.fortress import HOSTILE, Door, Fortress, signed, vt

pytestmark = pytest.mark.asyncio(loop_scope="module")

_OURS = {"html", "head", "meta", "title", "link", "script", "body", "header", "h1", "h2", "main", "ul", "li", "a", "img", "span", "p", "div",
         "button", "svg", "path", "form", "label", "input", "noscript"}  # fmt: skip


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


async def test_a_name_is_no_markup_on_pages(door: Door, fortress: Fortress) -> None:
    targets = [
        signed("/"),
        signed(f"/view/{fortress.ids[HOSTILE]}"),
        signed("/", q=HOSTILE),
        signed("/", q='"><script>alert(3)</script>'),
    ]
    for target in targets:
        page = await door.ask(target, "Accept: text/html")
        assert page.status == 200
        assert page.header("content-type") == "text/html; charset=utf-8"
        elements = Elements(page.body).found
        assert {tag for tag, _ in elements} <= _OURS
        for tag, attributes in elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
            if tag == "script":
                assert attributes.get("type") == "application/json" or (attributes.get("src") or "").startswith(
                    "/static/"
                )
            if tag == "img":
                assert (attributes["src"] or "").startswith("/slides/s-")
            if tag == "a":
                assert (attributes["href"] or "").startswith("/")
        assert b"alert(1)" not in page.body.replace(b"&lt;img src=x onerror=alert(1)&gt;", b"").replace(
            b"\\u003cimg src=x onerror=alert(1)", b""
        )


async def test_a_name_in_json_is_never_a_document(door: Door, fortress: Fortress) -> None:
    listed = await door.ask(signed("/slides", details="1"), "Accept: text/html")
    assert listed.header("content-type") == "application/json"
    assert listed.header("x-content-type-options") == "nosniff"
    assert HOSTILE in json.loads(listed.body)["slides"]
    one = await door.ask(f"/slides/{fortress.ids[HOSTILE]}?{vt(HOSTILE)}", "Accept: text/html")
    assert (one.header("content-type"), one.header("x-content-type-options")) == ("application/json", "nosniff")
    assert json.loads(one.body)["key"] == HOSTILE
    xml = await door.ask(f"/slides/{fortress.ids[HOSTILE]}.dzi?{vt(HOSTILE)}")
    assert "xml" in (xml.header("content-type") or "")
    assert b"alert" not in xml.body


async def test_what_was_asked_for_is_not_echoed_as_markup(door: Door) -> None:
    markup = "%3Cimg%20src=x%20onerror=alert(1)%3E"
    for target in (
        f"/{markup}", f"/view/{markup}", f"/tiles/{markup}/0/0/0.jpg", f"/slides/{markup}", f"/?q={markup}", f"/slides?search={markup}&{markup}={markup}",
        f"/static/{markup}", signed(f"/view/{markup}"), signed(f"/slides/{markup}"), signed("/slides", cursor="<img>"), signed("/", cursor="<img>"),
    ):  # fmt: skip
        for accept in ("text/html", "*/*"):
            answer = await door.ask(
                target, f"Accept: {accept}", f"Referer: http://x/{markup}", "User-Agent: <img src=x onerror=alert(1)>"
            )
            assert b"<img" not in answer.body, target
            assert answer.header("x-content-type-options") == "nosniff"


async def test_a_name_breaks_no_header(door: Door, fortress: Fortress) -> None:
    for segment in ("a%0d%0aX-Evil:1.tif", "a%0aX-Evil:1.tif", "a%c4%8d%c4%8aX-Evil:1.tif"):
        for path in (f"/tiles/{segment}/0/0/0.jpg", f"/slides/{segment}", f"/view/{segment}"):
            answer = await door.ask(signed(path), "X-Request-ID: a%0d%0aX-Evil:1", "Origin: https://x%0d%0aX-Evil:1")
            assert not answer.all("x-evil")
