"""Pages: what a slide is called is text, links carry the caller's own right, what isn't shown is explained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.catalog.listing import SlidePage
from wsi_streamer.catalog.scans import Scan, ScanTotals
from wsi_streamer.catalog.slides import Opened, SlideRow
from wsi_streamer.catalog.within import Within
from wsi_streamer.slides.errors import Forbidden, InvalidRequest
from wsi_streamer.slides.level import Level
from wsi_streamer.slides.recipe import Recipe
from wsi_streamer.slides.slide import Slide, SlideStatus
from wsi_streamer.tiles.gallery_page import gallery_list, render_gallery
from wsi_streamer.tiles.page_deps import PageDeps
from wsi_streamer.tiles.view_page import render_view
from wsi_streamer.web.audience import Audience
from wsi_streamer.web.html_page import HtmlPage
from wsi_streamer.web.languages import Language
from wsi_streamer.web.static_files import StaticFile, StaticFiles

ID = "s-" + "a" * 24
NASTY = (
    "<img src=x onerror=alert(1)>.svs",
    '"></script><script>alert(1)</script>.svs',
    "'onload='alert(1).svs",
    "a&lt;b.svs",
)
EXP = 1_795_230_667
ANYONE = Caller("anyone", "anyone", frozenset({Permission.TILES}), Scope.all())
ROW = SlideRow(ID, "case/a.svs", SlideStatus.INDEXED, None, 5_000_000, None, "Aperio SVS", 2220, 2967, 0.499, "v1")
BUILT = StaticFiles({name: StaticFile(b"", b"", {}) for name in ("style-1.css", "viewer-1.js", "gallery-1.js")})


@dataclass
class Listing:
    rows: list[SlideRow] = field(default_factory=list)
    next_cursor: str | None = None
    asked: dict[str, Any] = field(default_factory=dict)

    async def page(self, **asked: Any) -> SlidePage:
        self.asked = asked
        return SlidePage(self.rows, self.next_cursor)


@dataclass
class Slides:
    opened: Opened | None = None

    async def open(self, ref: str) -> Opened | None:
        return self.opened


@dataclass
class Scans:
    scan: Scan | None = None

    async def last(self) -> Scan | None:
        return self.scan


@dataclass
class FakeCatalog:
    """The three queries that pages make."""

    listing: Listing = field(default_factory=Listing)
    slides: Slides = field(default_factory=Slides)
    scans: Scans = field(default_factory=Scans)


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: HtmlPage) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(page.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)
        else:
            self.text += data

    def shape(self) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attrs)) for tag, attrs in self.found]

    def all(self, tag: str, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for name, attrs in self.found if name == tag and attribute in attrs]


ANYONE = Caller("anyone", "anyone", frozenset({Permission.TILES}), Scope.all())
LINK = replace(ANYONE, kind="link", expires=EXP)


def deps(catalog: FakeCatalog, secret: bytes | None = None, static: StaticFiles = BUILT) -> PageDeps:
    return PageDeps(cast("Catalog", catalog), None if secret is None else SignedLinks((secret,)), static)


def slide_of(row: SlideRow) -> Slide:
    level = Level(0, 2220, 2967, 240, 240, 1.0, Recipe("jpeg", "rgb", 3, passthrough=True))
    return Slide(row.id, row.key, "v1", 1, "Aperio SVS", (), (level,), mpp_x=0.499, mpp_y=0.499)


def opened(row: SlideRow, *, served: bool = True) -> Opened:
    return Opened(row, slide_of(row) if served else None, None)


async def gallery(catalog: FakeCatalog, caller: Caller = ANYONE, secret: bytes | None = None, **params: str) -> Any:
    """The island of the list's page."""
    page = await render_gallery(deps(catalog, secret), params, caller)
    return json.loads(Elements(page).scripts[0])


def params_of(url: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize("key", NASTY)
async def test_no_name_becomes_markup(key: str) -> None:
    plain = replace(ROW, key="plain.svs")
    nasty = replace(ROW, key=f"{key}/{key}", error=key)
    for render in (
        lambda row: render_gallery(deps(FakeCatalog(Listing([row]))), {"q": row.key}, ANYONE),
        lambda row: render_gallery(deps(FakeCatalog()), {"q": row.key}, ANYONE),
        lambda row: render_gallery(deps(FakeCatalog(Listing([replace(row, status=SlideStatus.FAILED)]))), {}, ANYONE),
        lambda row: render_view(deps(FakeCatalog(slides=Slides(opened(row)))), ID, ANYONE),
        lambda row: render_view(
            deps(FakeCatalog(slides=Slides(opened(replace(row, status=SlideStatus.FAILED), served=False)))), ID, ANYONE
        ),
    ):
        want, got = Elements(await render(plain)), Elements(await render(nasty))
        assert got.shape() == want.shape()


@pytest.mark.parametrize("name", [name for name in NASTY if "/" not in name])
async def test_a_slides_name_is_told_as_it_is(name: str) -> None:
    data = await gallery(FakeCatalog(Listing([replace(ROW, key=f"a/{name}", error=name)])))
    (slide,) = data["list"]["slides"]
    assert (slide["name"], slide["folder"], slide["error"]) == (name, "a/", name)


async def test_the_island_holds_the_name_and_can_not_be_closed_by_it() -> None:
    page = Elements(await render_view(deps(FakeCatalog(slides=Slides(opened(replace(ROW, key=NASTY[1]))))), ID, ANYONE))
    data = json.loads(page.scripts[0])
    assert data["name"] == NASTY[1].rpartition("/")[2]
    assert (data["id"], data["access"]) == (ID, {})
    assert data["metadata"]["levels"][0]["tiles_x"] == 10


async def test_open_access_signs_nothing_and_lets_people_search() -> None:
    listing = Listing([ROW], "next/1")
    asked = {"q": "a b", "prefix": "case/", "sort": "-size", "status": "indexed", "limit": "7"}
    data = await gallery(FakeCatalog(listing), **asked)
    (slide,) = data["list"]["slides"]
    assert (slide["link"], slide["access"]) == (f"/view/{ID}", {})
    assert slide["thumbnail"] == f"/slides/{ID}/thumbnail?max_size=256&v=v1"
    assert urlsplit(data["list"]["next"]).path == "/"
    assert params_of(data["list"]["next"]) == asked | {"cursor": "next/1"}
    assert (data["names"], data["controls"], data["progress"]) == (True, True, "/progress")
    assert listing.asked == {
        "limit": 7, "cursor": None, "prefix": "case/", "search": "a b", "status": SlideStatus.INDEXED, "sort": "-size",
        "within": None, "opaque": False,
    }  # fmt: skip


@pytest.mark.parametrize("asked", [{"sort": "name"}, {"status": "lost"}, {"limit": "many"}])
async def test_what_no_list_has_can_not_be_asked(asked: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        await gallery(FakeCatalog(), **asked)


@pytest.mark.parametrize(("limit", "used"), [("0", 1), ("5000", 1000), ("12", 12)])
async def test_a_page_has_one_to_a_thousand_slides(limit: str, used: int) -> None:
    listing = Listing([ROW])
    await gallery(FakeCatalog(listing), limit=limit)
    assert listing.asked["limit"] == used


async def test_links_and_tokens_last_as_long_as_the_callers_own_right() -> None:
    policy = SignedLinks((b"secret",))
    data = await gallery(FakeCatalog(Listing([ROW], "c")), LINK, b"secret")
    (slide,) = data["list"]["slides"]
    for link in (slide["link"], data["list"]["next"], data["progress"]):
        parts = urlsplit(link)
        assert policy.check_url(parts.path, params_of(link), EXP) == EXP
        with pytest.raises(Exception, match="expired"):
            policy.check_url(parts.path, params_of(link), EXP + 1)
    for params in (params_of(slide["thumbnail"]), slide["access"]):
        assert params["exp"] == str(EXP)
        assert policy.check_viewer_token(params, ROW.key, EXP) == EXP
    assert not data["controls"], "a search would need a signature of its own"
    more = await gallery_list(deps(FakeCatalog(Listing([ROW], "c")), b"secret"), {"cursor": "c"}, LINK)
    assert more.slides[0].access == slide["access"], "the page's script is given no other rights than the page"
    view = Elements(await render_view(deps(FakeCatalog(slides=Slides(opened(ROW))), b"secret"), ID, LINK))
    access = json.loads(view.scripts[0])["access"]
    assert access == {"exp": str(EXP), "vt": policy.viewer_token(ROW.key, EXP)}
    assert view.all("a", "href") == [], "a right to one slide is none to the list"


async def test_nothing_is_minted_for_a_slide_that_is_not_there() -> None:
    page = await render_view(deps(FakeCatalog(), b"secret"), ID, LINK)
    assert page.status == 404
    assert b"vt" not in page.body


async def test_urls_name_slides_by_their_opaque_id_only() -> None:
    data = await gallery(FakeCatalog(Listing([replace(ROW, key="Yamada Taro/1.svs")])), LINK, b"s")
    (slide,) = data["list"]["slides"]
    assert "amada" not in slide["link"] + slide["thumbnail"]


@pytest.mark.parametrize("status", [SlideStatus.FAILED, SlideStatus.UNSUPPORTED, SlideStatus.ARCHIVED])
async def test_what_is_not_served_has_its_reason_and_no_right(status: SlideStatus) -> None:
    row = replace(ROW, status=status, error="Its header is cut off.", version=None)
    (slide,) = (await gallery(FakeCatalog(Listing([row])), LINK, b"s"))["list"]["slides"]
    assert (slide["status"], slide["error"]) == (status, "Its header is cut off.")
    assert (slide["link"], slide["thumbnail"], slide["access"]) == (None, None, {})
    view = await render_view(deps(FakeCatalog(slides=Slides(opened(row, served=False)))), ID, ANYONE)
    assert view.status == 415
    assert "Its header is cut off." in Elements(view).text


async def test_a_waiting_slide_can_be_opened_and_has_no_thumbnail_yet() -> None:
    row = replace(ROW, status=SlideStatus.PENDING, version=None, format=None, width=None, height=None, mpp_x=None)
    (slide,) = (await gallery(FakeCatalog(Listing([row]))))["list"]["slides"]
    assert (slide["link"], slide["thumbnail"]) == (f"/view/{ID}", None)
    view = Elements(await render_view(deps(FakeCatalog(slides=Slides(opened(row, served=False)))), ID, ANYONE))
    assert json.loads(view.scripts[0])["metadata"] is None


async def test_a_replaced_slide_is_shown_as_it_was_until_it_is_indexed_anew() -> None:
    (slide,) = (await gallery(FakeCatalog(Listing([replace(ROW, status=SlideStatus.PENDING)]))))["list"]["slides"]
    assert slide["thumbnail"] is not None


@pytest.mark.parametrize(
    ("scan", "why"),
    [
        (None, "scanning"),
        (Scan(1, datetime.now(UTC), None, ScanTotals(), None), "scanning"),
        (Scan(1, datetime.now(UTC), datetime.now(UTC), ScanTotals(), None), "none"),
        (Scan(1, datetime.now(UTC), datetime.now(UTC), ScanTotals(), "secret-bucket"), "scan-failed"),
    ],
)
async def test_an_empty_list_says_why(scan: Scan | None, why: str) -> None:
    data = await gallery(FakeCatalog(scans=Scans(scan)))
    assert data["list"] == {"slides": [], "next": None, "nothing": why}
    for asked in ({"q": "x"}, {"prefix": "x/"}, {"status": "failed"}):
        assert (await gallery(FakeCatalog(scans=Scans(scan)), **asked))["list"]["nothing"] == "unmatched"


async def test_pages_are_not_kept_and_run_nothing_but_the_build() -> None:
    for page in (
        await render_gallery(deps(FakeCatalog(Listing([ROW]))), {}, ANYONE),
        await render_view(deps(FakeCatalog(slides=Slides(opened(ROW)))), ID, ANYONE),
        await render_view(deps(FakeCatalog()), ID, ANYONE),
    ):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"
        policy = dict(rule.partition(" ")[::2] for rule in page.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["form-action"] == "'self'"
        elements = Elements(page)
        assert not any(name.startswith("on") or name == "style" for _, attrs in elements.found for name in attrs)
        assert not any(tag == "style" for tag, _ in elements.found)
        links = elements.all("script", "src") + elements.all("link", "href") + elements.all("img", "src")
        assert all(link.startswith(("/", "data:")) and not link.startswith("//") for link in links)


async def test_without_the_viewers_build_the_page_says_how_to_get_it() -> None:
    catalog = FakeCatalog(Listing([ROW]), Slides(opened(ROW)))
    for page in (
        await render_view(deps(catalog, static=StaticFiles()), ID, ANYONE),
        await render_gallery(deps(catalog, static=StaticFiles()), {}, ANYONE),
    ):
        assert page.status == 200
        assert "make viewer" in Elements(page).text


HOLDER = Caller("grant", "g-1", frozenset({Permission.TILES}), Scope(("Yamada Taro/",), frozenset({ID})), expires=EXP)


async def test_the_holder_of_a_grant_sees_slides_and_not_what_they_are_called() -> None:
    row = replace(ROW, key="Yamada Taro/1.svs", last_modified=datetime.now(UTC))
    listing = Listing([row], "c")
    page = await render_gallery(deps(FakeCatalog(listing)), {}, HOLDER)
    assert listing.asked["within"] == Within(("Yamada Taro/",), frozenset({ID}))
    assert listing.asked["opaque"] is True
    data = json.loads(Elements(page).scripts[0])
    (slide,) = data["list"]["slides"]
    assert (slide["name"], slide["folder"], slide["modified"]) == (f"Slide {ID}", None, None)
    assert not data["names"], "names are not to be found by trying"
    failed = replace(row, status=SlideStatus.FAILED)
    for html in (
        page,
        await render_view(deps(FakeCatalog(slides=Slides(opened(row)))), ID, HOLDER),
        await render_view(deps(FakeCatalog(slides=Slides(opened(row)))), ID, HOLDER, slide_of(row)),
        await render_view(deps(FakeCatalog(slides=Slides(opened(failed, served=False)))), ID, HOLDER),
    ):
        assert b"Yamada" not in html.body
        assert ID.encode() in html.body
    for asked in ({"q": "Y"}, {"prefix": "Y"}):
        with pytest.raises(Forbidden):
            await render_gallery(deps(FakeCatalog(listing)), asked, HOLDER)


async def test_with_metadata_a_grant_shows_names() -> None:
    sees_all = replace(HOLDER, permissions=HOLDER.permissions | {Permission.METADATA})
    listing = Listing([replace(ROW, key="Yamada Taro/1.svs")])
    data = await gallery(FakeCatalog(listing), sees_all, q="1")
    assert (data["list"]["slides"][0]["name"], data["names"]) == ("1.svs", True)
    assert (listing.asked["opaque"], listing.asked["search"]) == (False, "1")


async def test_an_empty_list_tells_one_who_may_see_some_slides_nothing_of_the_bucket() -> None:
    done = Scan(1, datetime.now(UTC), datetime.now(UTC), ScanTotals(), "the bucket is away")
    assert (await gallery(FakeCatalog(scans=Scans(done)), HOLDER))["list"]["nothing"] == "none-yours"


async def test_the_page_says_who_is_signed_in() -> None:
    ada = replace(ANYONE, kind="identity", id="issuer|ada", name="Ada")
    assert (await gallery(FakeCatalog(), ada))["user"] == "Ada"
    assert (await gallery(FakeCatalog()))["user"] is None


@pytest.mark.parametrize(("language", "name"), [("en", "Slides"), ("ja", "スライド一覧")])
async def test_what_is_not_shown_leads_back_to_the_list_for_who_has_one(language: Language, name: str) -> None:
    row = replace(ROW, status=SlideStatus.FAILED, error="Its header is cut off.")
    one_slide = replace(HOLDER, scope=Scope((), frozenset({ID})))
    for found, status in ((None, 404), (opened(row, served=False), 415)):
        made = replace(deps(FakeCatalog(slides=Slides(found))), audience=Audience(language))
        page = await render_view(made, ID, ANYONE)
        shown = Elements(page)
        assert (page.status, shown.all("a", "href")) == (status, ["/"])
        assert shown.text.count(name) == 1
        for caller in (LINK, one_slide):
            assert Elements(await render_view(made, ID, caller)).all("a", "href") == []
