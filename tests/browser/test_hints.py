"""What the viewer tells the server of where the view is going, beside the tiles that it then asks for."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page, Request, Route

from tests.samples import ensure_samples
from tests.support.browser import DRAWN, FRAME, PATIENCE, SPARING, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.signed_links import SignedLinks

SLIDE = "synthetic-he.svs"
"""Levels of 20992, 5248, 1312 and 656 pixels, in tiles of 256."""
ONE_LEVEL = "CMU-1-Small-Region.svs"
SECRET = "a secret for tests"

SILENCE = 10
"""Seconds that the page keeps quiet after a hint that failed."""

Tile = tuple[int, int, int]

_HINT = re.compile(r"/tiles/[^/]+/prefetch")
_TILE = re.compile(r"/tiles/[^/]+/(\d+)/(\d+)/(\d+)\.jpg")
_RESTS = """(v => v.getCenter(true).minus(v.getCenter()).apply(Math.abs).x < 1e-6
    && Math.abs(v.getZoom(true) / v.getZoom() - 1) < 1e-6)(window.wsiViewer.viewport)"""
_NO_NOTICE = "document.querySelector('#notice').hidden"
_FULL_SIZE = "v.zoomTo(v.imageToViewportZoom(1), null, true)"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, ensure_samples() / SLIDE)
    bucket.put(ONE_LEVEL, real_slide(ONE_LEVEL))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 2)
        yield found


@dataclass(slots=True)
class Asked:
    """What the page sends, in its order."""

    browser: Browser
    requests: list[Request] = field(default_factory=list)
    hinting: set[Request] = field(default_factory=set)
    """Hints that have no answer yet."""

    @classmethod
    async def by(cls, browser: Browser, answer: int | str | None = 202) -> Asked:
        """From now on. Hints get ``answer``, a status or an error of the network; None leaves them to the server."""
        asked = cls(browser)
        await browser.page.add_init_script(SPARING)
        browser.page.on("request", lambda request: asked.note(request))
        browser.page.on("requestfinished", lambda request: asked.hinting.discard(request))
        browser.page.on("requestfailed", lambda request: asked.hinting.discard(request))
        if answer is not None:
            await browser.page.route(_HINT, _answering(answer))
        return asked

    def note(self, request: Request) -> None:
        if "/tiles/" in request.url:
            self.requests.append(request)
        if _HINT.search(request.url):
            self.hinting.add(request)

    @property
    def hints(self) -> list[dict[str, int]]:
        return [json.loads(r.post_data or "") for r in self.requests if _HINT.search(r.url)]

    @property
    def tiles(self) -> set[Tile]:
        found = (_TILE.search(r.url) for r in self.requests)
        return {(int(m[1]), int(m[2]), int(m[3])) for m in found if m}

    async def open(self, url: str) -> None:
        await self.browser.page.goto(url)
        await self.browser.until(DRAWN)

    async def move(self, script: str) -> None:
        """Forget what was asked, and move the viewport ``v``; until all is loaded and at rest."""
        await self.answered()
        # Two moves in a tenth of a second are one: by the page's own clock.
        await self.browser.page.evaluate("new Promise(done => setTimeout(done, 150))")
        self.requests.clear()
        await self.browser.page.evaluate(
            f"""(() => {{
                const v = window.wsiViewer.viewport, point = (x, y) => Object.assign(v.getCenter(), {{x, y}});
                {script};
            }})()"""
        )
        await self.rested()

    async def answered(self) -> None:
        """Until no hint is on its way: the page sends no other before."""
        async with asyncio.timeout(PATIENCE):
            while self.hinting:  # noqa: ASYNC110 - the browser can't wake us
                await asyncio.sleep(0.02)

    async def rested(self) -> None:
        """Until the view is where it goes, and all is there that a frame of it wants."""
        await self.browser.until(_RESTS)
        await self.browser.page.evaluate(FRAME)
        await self.browser.until(f"{_RESTS} && {DRAWN}")
        await self.answered()


def _answering(answer: int | str) -> Callable[[Route], Awaitable[None]]:
    async def handler(route: Route) -> None:
        if isinstance(answer, str):
            await route.abort(answer)
        else:
            await route.fulfill(status=answer, body="")

    return handler


def tiles_of(hint: dict[str, int]) -> set[Tile]:
    assert hint.keys() == {"level", "x", "y", "width", "height"}
    columns = range(hint["x"], hint["x"] + hint["width"])
    return {(hint["level"], x, y) for x in columns for y in range(hint["y"], hint["y"] + hint["height"])}


async def view_url(services: Running, name: str = SLIDE) -> str:
    row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
    return f"{services.url}/view/{row.id}"


async def test_opening_sends_one_hint_of_the_tiles_that_are_asked_for_then(services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser)
    await asked.open(await view_url(services))
    (hint,) = asked.hints
    assert hint["level"] == 2
    assert tiles_of(hint) == {tile for tile in asked.tiles if tile[0] == 2}
    request = asked.requests[0]
    assert (request.method, request.headers["content-type"]) == ("POST", "application/json")
    assert browser.problems == []
    assert browser.hosts == {"127.0.0.1"}


async def test_the_hint_is_on_the_wire_before_the_tiles(services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser, answer=None)
    await asked.open(await view_url(services))

    def sent(request: Request) -> float:
        return request.timing["startTime"] + request.timing["requestStart"]

    first = min(asked.requests, key=sent)
    assert _HINT.search(first.url), first.url


async def test_a_move_hints_the_tiles_it_brings_and_the_way_back_none(services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser)
    await asked.open(await view_url(services))
    await asked.move(_FULL_SIZE)
    (hint,) = asked.hints
    assert hint["level"] == 0
    assert tiles_of(hint) == {tile for tile in asked.tiles if tile[0] == 0}
    assert _HINT.search(asked.requests[0].url), "before the tiles"

    half = "v.getBounds().width / 2"
    await asked.move(f"v.panBy(point({half}, 0))")
    brought = {tile for tile in asked.tiles if tile[0] == 0}
    (pan,) = asked.hints
    assert brought
    assert tiles_of(pan) == brought
    assert _HINT.search(asked.requests[0].url), "before the tiles"

    await asked.move(f"v.panBy(point(-{half}, 0))")
    assert asked.hints == []
    await asked.move(f"v.panBy(point({half}, 0))")
    assert asked.hints == []
    assert browser.problems == []


async def test_a_turned_view_is_hinted_whole(services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser)
    await asked.open(await view_url(services))
    await asked.move(f"v.setRotation(30, true); v.setFlip(true); {_FULL_SIZE}; v.panTo(point(0.4, 0.4), true)")
    (hint,) = asked.hints
    shown = {tile for tile in asked.tiles if tile[0] == 0}
    assert shown <= tiles_of(hint)
    assert {min(t[1] for t in shown), max(t[1] for t in shown)} == {hint["x"], hint["x"] + hint["width"] - 1}
    assert {min(t[2] for t in shown), max(t[2] for t in shown)} == {hint["y"], hint["y"] + hint["height"] - 1}


async def test_a_drag_sends_few_hints(services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser)
    await asked.open(await view_url(services))
    await asked.move(_FULL_SIZE)
    asked.requests.clear()
    mouse = browser.page.mouse
    await mouse.move(1100, 600)
    await mouse.down()
    begun = time.monotonic()
    for step in range(15):
        await mouse.move(1100 - 60 * step, 600 - 20 * step)
    await mouse.up()
    await asked.rested()
    took = time.monotonic() - begun
    hinted: set[Tile] = set().union(*(tiles_of(hint) for hint in asked.hints))
    assert 1 <= len(asked.hints) <= 10 * took + 2, "at most ten a second"
    new = {tile for tile in asked.tiles if tile[0] == 0}
    assert len(new & hinted) > 0.5 * len(new), "most of them; some come before their hint has its turn"


@pytest.mark.parametrize("answer", [404, 500, "connectionreset"])
async def test_a_hint_that_fails_is_nobodys_business(answer: int | str, services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser, answer)
    begun = time.monotonic()
    await asked.open(await view_url(services))
    assert len(asked.hints) == 1
    await asked.move(f"{_FULL_SIZE}; v.panTo(point(0.8, 0.45), true)")
    assert asked.hints == [] or time.monotonic() - begun > SILENCE, "not so soon again"
    assert asked.tiles
    assert await browser.page.evaluate(_NO_NOTICE)
    page_errors = [problem for problem in browser.problems if not problem.startswith("Failed to load resource")]
    assert page_errors == []  # the browser's own line about an answer is all
    await browser.screenshot(f"hint-fails-{answer}")


async def test_levels_that_the_server_makes_are_not_hinted(services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser)
    await asked.open(await view_url(services, ONE_LEVEL))
    assert asked.hints == []
    await asked.move(_FULL_SIZE)
    (hint,) = asked.hints
    assert tiles_of(hint) == asked.tiles


async def test_a_hint_carries_the_right_that_its_tiles_carry(
    services: Running, bucket: Bucket, database_url: str, browser: Browser
) -> None:
    options = {"auth_enabled": True, "auth_secret": SECRET, "indexer": False}
    asked = await Asked.by(browser)
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as closed:
        row = (await closed.catalog.listing.page(limit=1, search=SLIDE)).rows[0]
        url = SignedLinks((SECRET.encode(),)).sign_url(f"/view/{row.id}", {}, int(time.time()) + 3600)
        await asked.open(closed.url + url)
    hint, *others = asked.requests
    (tile, *_) = (r for r in others if _TILE.search(r.url))
    assert _HINT.search(hint.url)
    right = re.compile(r"(vt|exp)=(\w+)")
    assert len(right.findall(hint.url)) == 2
    assert set(right.findall(hint.url)) == set(right.findall(tile.url))


async def test_a_download_that_is_given_up_ends_its_request(services: Running, browser: Browser) -> None:
    asked = await Asked.by(browser)
    await asked.open(await view_url(services))
    failed = await _given_up(browser.page)
    assert failed == "net::ERR_ABORTED"
    assert await browser.page.evaluate(_NO_NOTICE)


async def _given_up(page: Page) -> str:
    """How the request of an aborted job ends, in the browser's words."""

    async def never(route: Route) -> None:
        del route

    await page.route(_TILE, never)
    async with page.expect_request(_TILE):
        await page.evaluate(
            """(() => {
                const source = window.wsiViewer.world.getItemAt(0).source;
                const job = {src: source.getTileUrl(3, 7, 7), tile: {level: 3, x: 7, y: 7}};
                source.downloadTileStart(job);
                window.giveUp = () => source.downloadTileAbort(job);
            })()"""
        )
    async with page.expect_event("requestfailed") as ended:
        await page.evaluate("window.giveUp()")
    return (await ended.value).failure or ""
