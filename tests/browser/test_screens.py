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
TWO_LINES = "cases/2024/tcga-cr-7395-01a-01-ts1.svs"

# What a card says stands there whole or not at all, and nothing is left out while a row is free.
_ILL_SET = """[...document.querySelectorAll('.card')].flatMap((card) => {
    const found = [], rows = card.querySelector('h2').parentElement, box = rows.getBoundingClientRect();
    const bottom = box.bottom - parseFloat(getComputedStyle(rows).paddingBottom);
    const parts = [...card.querySelectorAll('.facts span, .badge, .folder:not([hidden])')].map((part) => {
        const it = part.getBoundingClientRect(), own = part.parentElement.getBoundingClientRect();
        const [top, end] = [Math.max(it.top, own.top, box.top), Math.min(it.bottom, own.bottom, bottom)];
        const shown = Math.max(0, end - top) / it.height;
        if (shown > 0.1 && shown < 0.9) found.push(`cut: ${part.textContent}`);
        return {part, it, isShown: shown > 0.5, edge: own.left};
    });
    const seen = parts.filter(({isShown}) => isShown);
    for (const {part, it} of seen) {
        const isLast = !seen.some((other) => other.part.parentElement === part.parentElement && other.it.left > it.left
            && Math.abs(other.it.top - it.top) < 4);
        if (isLast && part.textContent.trim().endsWith('·')) found.push(`dangling: ${part.textContent}`);
    }
    const used = card.querySelector('h2').getBoundingClientRect().height + 18
        * new Set(seen.map(({it}) => Math.round(it.top / 8))).size;
    const missing = parts.filter(({isShown}) => !isShown).map(({part}) => part.textContent);
    if (missing.length > 0 && bottom - box.top - used > 18) found.push(`left out: ${missing}`);
    return found;
})"""

_TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    bucket.put(LONG, real_slide(SLIDE))
    bucket.put(TWO_LINES, real_slide(SLIDE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 3)
        yield found


async def test_a_phone_shows_everything_in_its_width(services: Running, browser: Browser) -> None:
    page = browser.page
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(services.url)
    await browser.until("document.images.length === 3 && [...document.images].every(i => i.naturalWidth > 0)")
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
    back = await page.locator(".back").bounding_box()
    assert back is not None
    assert min(back["width"], back["height"]) >= 40
    # The picture takes what the header leaves.
    assert await page.evaluate("document.querySelector('.picture').getBoundingClientRect().height") > 640
    # No button of the marks' panel stands alone in a row.
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        if width == 1280:
            await page.keyboard.press("e")
        await browser.until(f"innerWidth === {width} && document.querySelector('.mark-panel') !== null")
        tops = await page.evaluate(
            "[...document.querySelectorAll('.mark-panel .mark-row button')].map(b => b.getBoundingClientRect().top)"
        )
        assert len(tops) == 5
        assert min(tops.count(top) for top in tops) > 1
        await browser.screenshot(f"marks-panel-{width}")


async def test_cards_say_all_that_there_is_room_for(services: Running, browser: Browser) -> None:
    page, found = browser.page, {}
    await page.goto(services.url)
    await browser.until("document.images.length === 3")
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)
        for width, height in ((390, 780), (1280, 800), (1920, 1080)):
            await page.set_viewport_size({"width": width, "height": height})
            await browser.until(f"innerWidth === {width}")
            await browser.steady("document.querySelector('.card').getBoundingClientRect().width")
            await browser.screenshot(f"cards-{width}-{theme}")
            found[width] = await page.evaluate(_ILL_SET)
    assert found == {390: [], 1280: [], 1920: []}


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
