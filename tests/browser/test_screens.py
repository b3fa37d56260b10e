"""The pages on a phone, and without a mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.browser import DRAWN, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"
LONG = "a folder/" + "a-very-long-name-without-a-break" * 4 + ".svs"

_TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    bucket.put(LONG, real_slide(SLIDE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 2)
        yield found


async def test_a_phone_shows_everything_in_its_width(services: Running, browser: Browser) -> None:
    page = browser.page
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(services.url)
    await browser.until("document.images.length === 2 && [...document.images].every(i => i.naturalWidth > 0)")
    await browser.screenshot("phone-gallery")
    assert not await page.evaluate(_TOO_WIDE)
    row = (await services.catalog.listing.page(limit=1, search="very-long")).rows[0]
    await page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)
    await browser.screenshot("phone-view")
    assert not await page.evaluate(_TOO_WIDE)
    for name in ("Zoom in", "Zoom out", "Whole slide", "Full screen"):
        box = await page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    # The picture takes what the header leaves.
    assert await page.evaluate("document.querySelector('.picture').getBoundingClientRect().height") > 640


async def test_buttons_and_keys_move_the_slide(services: Running, browser: Browser) -> None:
    page = browser.page
    row = (await services.catalog.listing.page(limit=1, search=SLIDE)).rows[0]
    await page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)
    zoom, center = "window.wsiViewer.viewport.getZoom()", "window.wsiViewer.viewport.getCenter().x"
    home = await page.evaluate(zoom)
    await page.get_by_role("button", name="Zoom in").click()
    assert abs(await page.evaluate(zoom) / home - 2) < 1e-6
    focused = "document.activeElement.className"
    for _ in range(8):
        await page.keyboard.press("Tab")
        if await page.evaluate(focused) == "openseadragon-canvas":
            break
    assert await page.evaluate(focused) == "openseadragon-canvas"
    await browser.screenshot("focus")
    before = await page.evaluate(center)
    await page.keyboard.press("ArrowRight", delay=200)
    await browser.until(f"{center} > {before}")
    await page.get_by_role("button", name="Whole slide").click()
    assert abs(await page.evaluate(zoom) / home - 1) < 1e-6
    await page.get_by_role("button", name="Full screen").click()
    await browser.until("document.fullscreenElement !== null")
    assert browser.problems == []
