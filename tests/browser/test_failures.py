"""What people see when something is missing: tiles, the right to see them, the slide, the whole list."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Route

from tests.support.browser import DRAWN, Browser
from tests.support.clock import Clock
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.slides.slide import StoredObject

SLIDE = "CMU-1-Small-Region.svs"
SECRET = "a secret for tests"

_TILES = re.compile(r"/(tiles|dzi_files)/")
_MISSING = """[window.wsiViewer, window.wsiViewer.navigator].map(viewer => {
    const matrix = viewer.world.getItemAt(0).tilesMatrix;
    return Object.values(matrix).flatMap(Object.values).flatMap(Object.values).filter(t => !t.exists).length;
}).join()"""
_NONE_ON_ITS_WAY = """[window.wsiViewer, window.wsiViewer.navigator].every(viewer => {
    const matrix = viewer.world.getItemAt(0)?.tilesMatrix ?? {};
    return Object.values(matrix).flatMap(Object.values).flatMap(Object.values).every(t => !t.loading);
})"""
_NO_NOTICE = "document.querySelector('#notice').hidden"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 1)
        yield found


async def fail_tiles(page: Page, status: int, message: str) -> None:
    body = json.dumps({"error": "code", "message": message, "status": status})

    async def answer(route: Route) -> None:
        await route.fulfill(status=status, content_type="application/json", body=body)

    await page.route(_TILES, answer)


async def missing(page: Page) -> str:
    """All that is still missing in the big picture and in the small one."""
    counts: str = await page.evaluate(_MISSING)
    return counts


async def test_late_tiles_are_said_and_come_by_themselves(services: Running, browser: Browser) -> None:
    page = browser.page
    await fail_tiles(page, 503, "The catalog can't be reached.")
    await page.goto(f"{services.url}/view/{SLIDE}")
    await browser.until("document.querySelector('#notice').innerText.includes(\"The catalog can't be reached.\")")
    assert "asked for again" in await page.inner_text("#notice")
    await browser.screenshot("tiles-late")
    await page.unroute(_TILES)
    await browser.until(DRAWN)
    await browser.until(_NO_NOTICE)
    assert await missing(page) == "0,0"


async def test_broken_tiles_are_counted_and_asked_for_again_on_demand(services: Running, browser: Browser) -> None:
    page = browser.page
    await fail_tiles(page, 500, "The tile's bytes don't decode.")
    await page.goto(f"{services.url}/view/{SLIDE}")
    await browser.until("document.querySelector('#notice').innerText.includes('missing')")
    assert "The tile's bytes don't decode." in await page.inner_text("#notice")
    await browser.until(_NONE_ON_ITS_WAY)  # each tile has had its tries
    await browser.screenshot("tiles-broken")
    assert await missing(page) != "0,0"
    await page.unroute(_TILES)
    await page.get_by_role("button", name="Try again").click()
    await browser.until(DRAWN)
    await browser.until("window.wsiViewer.navigator.world.getItemAt(0).getFullyLoaded()")
    await browser.until(_NO_NOTICE)
    await browser.screenshot("tiles-again")
    assert await missing(page) == "0,0"


async def test_when_the_right_ends_the_viewer_says_so(
    services: Running, bucket: Bucket, database_url: str, browser: Browser
) -> None:
    options = {"auth_enabled": True, "auth_secret": SECRET, "indexer": False}
    page = browser.page
    clock = Clock()
    async with running(database_url, bucket.name, bucket.server.endpoint, now=clock, **options) as closed:
        policy = SignedLinks((SECRET.encode(),))
        await page.goto(closed.url + policy.sign_url(f"/view/{SLIDE}", {}, int(time.time()) + 3600))
        await browser.until(DRAWN)
        clock.ahead = 7200
        await page.evaluate("window.wsiViewer.viewport.zoomTo(12, null, true)")
        # One that no page has asked for yet: what is on the screen may stay there.
        await page.evaluate("window.wsiViewer.world.getItemAt(0).reset()")
        await browser.until("document.querySelector('#notice').innerText.includes('The link has expired.')")
        assert not await page.get_by_role("button", name="Try again").is_visible()
        await browser.screenshot("right-ended")
        # a new link in this tab goes on there
        looks = "(({x, y, downsample}) => [x, y, downsample])(window.wsiWorkspace.panes[0].look())"
        there = await browser.steady(looks)
        fresh = policy.sign_url(f"/view/{SLIDE}", {}, int(time.time()) + 3600 + int(clock.ahead))
        await page.goto(closed.url + fresh)
        await browser.until(DRAWN)
        assert await browser.steady(looks) == pytest.approx(there, abs=1)
        answer = await page.goto(f"{closed.url}/view/{SLIDE}")
        assert answer is not None
        assert answer.status == 401
        assert "needs a signed link" in await page.inner_text("main")


async def test_a_slide_that_waits_opens_once_it_is_indexed(services: Running, bucket: Bucket, browser: Browser) -> None:
    bucket.put("late/another one.svs", real_slide(SLIDE))  # no scan has seen it
    await browser.page.goto(f"{services.url}/view/late%2Fanother%20one.svs")
    await browser.until(DRAWN)
    assert await browser.page.title() == "another one.svs"
    # Its overview is made after its first tiles can be served: until then the browser notes a 503, and the page asks again.
    assert [problem for problem in browser.problems if "503" not in problem] == []


async def test_a_slide_that_does_not_exist(services: Running, browser: Browser) -> None:
    page = browser.page
    answer = await page.goto(f"{services.url}/view/s-aaaaaaaaaaaaaaaaaaaaaaaa")
    assert answer is not None
    assert answer.status == 404
    by_server = await page.inner_text("body")
    assert "No such slide" in by_server
    # Whether there is such a key is known only once the bucket was asked: then the page is the same.
    await page.goto(f"{services.url}/view/no-such.svs")
    await browser.until("document.querySelector('main.notice') !== null")
    await browser.screenshot("no-such-slide")
    assert await page.inner_text("body") == by_server
    assert await page.title() == "No such slide"
    assert await page.locator(".tools, .stage").count() == 0
    await page.get_by_role("link", name="Slides").click()
    await page.locator(".card").first.wait_for()


async def test_an_empty_list_fills_by_itself(bucket: Bucket, database_url: str, browser: Browser) -> None:
    page = browser.page
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False) as empty:
        await page.goto(empty.url)
        await browser.until("document.querySelector('main')?.innerText.includes('is being scanned')")
        await empty.catalog.objects.observe(StoredObject(SLIDE, '"etag"', 1_938_955))
        await page.locator(".card").wait_for()  # by itself
        assert "Not indexed yet" in await page.inner_text("main")
        await browser.screenshot("waiting")
