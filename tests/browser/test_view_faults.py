"""The slide's page where things get into each other's way: looks that are linked, bars on small screens, keys with two
meanings."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.browser.test_compare import _OPEN, FIRST, SECOND, ids, places, rested
from tests.support.browser import Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

LONG = "x" * 200 + ".svs"
ONE_HIT = "cmu-1-small.t"

_OVERLAPS = """
    (() => {
        const seen = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.offsetParent !== null)
            .map((e) => [e, e.getBoundingClientRect()]);
        const found = [];
        for (const [scale, bar] of seen('.scale')) {
            // The number stands above the bar, and may be wider.
            const number = scale.firstElementChild.getBoundingClientRect();
            const box = {left: Math.min(bar.left, number.left), right: Math.max(bar.right, number.right),
                top: number.top, bottom: bar.bottom};
            const pane = scale.closest('.pane').getBoundingClientRect();
            if (box.left < pane.left || box.right > pane.right || box.top < pane.top || box.bottom > pane.bottom)
                found.push('out of its pane');
            const name = scale.closest('.slot').querySelector('.slot-bar')?.getBoundingClientRect();
            for (const [tools, it] of seen('.stage > .tools'))
                if (name && name.left < it.right && name.top < it.bottom && it.top < name.bottom && it.left < name.right)
                    found.push('on a name: ' + tools.className);
            for (const [tools, it] of seen('.stage > .tools'))
                if (box.left < it.right && it.left < box.right && box.top < it.bottom && it.top < box.bottom)
                    found.push(tools.className);
        }
        const stage = document.querySelector('.stage').getBoundingClientRect();
        for (const [tools, it] of seen('.stage > .tools'))
            if (it.left < stage.left || it.right > stage.right || it.bottom > stage.bottom) found.push('cut ' + tools.className);
        return found;
    })()
"""


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(f"Case 7/{FIRST}", real_slide(FIRST))
    bucket.put(f"Case 7/{SECOND}", real_slide(SECOND))
    bucket.put(f"Case 7/{LONG}", real_slide(FIRST))
    bucket.put("Case 7/damaged.svs", b"II*\0 no slide")
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 4)
        yield found


async def test_a_link_restores_a_mirrored_pane_that_is_linked(services: Running, browser: Browser) -> None:
    page, slides = browser.page, await ids(services)
    fragment = f"x=900&y=1000&z=2&r=30&link=1&with={slides[SECOND]}&x=300&y=350&z=1.5&r=200&flip=1"
    await page.goto(f"{services.url}/view/{slides[FIRST]}#{fragment}")
    await browser.until(_OPEN.format(2))
    one, two = await rested(browser)
    assert {name: round(value) for name, value in one.items()} == {"x": 900, "y": 1000, "z": 2, "r": 30}
    assert [two["x"], two["y"], two["z"], two["r"]] == pytest.approx([300, 350, 1.5, 200], abs=0.1)
    assert "flip=1" in page.url
    # The same in a page that is open, and once more a bit further on: linked, it stays where it is put.
    await page.evaluate(f"location.hash = '{fragment.replace('x=300', 'x=310').replace('r=200', 'r=90')}'")
    await browser.until("location.hash.includes('x=310')")
    _, two = await rested(browser)
    assert [two["x"], two["y"], two["z"], two["r"]] == pytest.approx([310, 350, 1.5, 90], abs=0.1)
    await page.evaluate(
        "window.wsiWorkspace.panes[0].lookAt({...window.wsiWorkspace.panes[0].look(), rotation: 40}, true)"
    )
    await browser.until("location.hash.includes('r=40')")
    one, two = await rested(browser)
    assert [one["r"], two["r"]] == pytest.approx([40, 80], abs=0.1), "mirrored, it turns the other way"
    assert browser.problems == []


async def test_scales_are_where_no_toolbar_is(services: Running, browser: Browser) -> None:
    page, slides = browser.page, await ids(services)
    touch = await page.context.new_cdp_session(page)
    for panes in (1, 2, 3, 4):
        beside = "".join(f"&with={slides[name]}" for name in (SECOND, FIRST, SECOND)[: panes - 1])
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.goto("about:blank")
        await page.goto(f"{services.url}/view/{slides[FIRST]}#x=1000&y=1200&z=2.52&link=1{beside}")
        await browser.until(_OPEN.format(panes))
        await browser.until(f"document.querySelectorAll('.scale:not([hidden])').length === {panes}")
        for with_panel in (False, True):
            if with_panel:
                await page.set_viewport_size({"width": 1280, "height": 800})
                await page.keyboard.press("i")
                await browser.until("document.querySelector('.side-panel')?.hidden === false")
            for width, height in ((1280, 800), (900, 800), (740, 360), (360, 740)):
                await page.emulate_media(color_scheme="dark" if with_panel else "light")
                await page.set_viewport_size({"width": width, "height": height})
                await touch.send("Emulation.setTouchEmulationEnabled", {"enabled": min(width, height) < 400})
                await browser.until(f"innerWidth === {width}")
                await page.wait_for_timeout(150)
                await browser.screenshot(f"scales-{panes}-{width}{'-panel' if with_panel else ''}")
                assert await page.evaluate(_OVERLAPS) == [], (panes, width, height, with_panel)
    assert browser.problems == []


async def test_keys_and_words_at_the_edges(services: Running, browser: Browser) -> None:
    page, slides = browser.page, await ids(services)
    await page.goto(f"{services.url}/view/{slides[FIRST]}#x=1000&y=1200&z=2")
    await browser.until(_OPEN.format(1))

    # Escape is the tool's first, then the panel's.
    panel = "document.querySelector('.side-panel').hidden"
    await page.click("#info")
    await page.keyboard.press("m")
    await page.keyboard.press("Escape")
    await browser.until("document.querySelector('#tool-select').getAttribute('aria-pressed') === 'true'")
    assert not await page.evaluate(panel)
    await page.focus(".side-panel header button")
    await page.keyboard.press("Escape")
    await browser.until(panel)
    assert await page.evaluate("document.activeElement.id") == "info"

    # A name without a break is cut, and Enter opens the only slide that is found.
    await page.keyboard.press("c")
    await browser.until("document.querySelectorAll('.picker-card').length === 3")
    heights = await page.evaluate("[...document.querySelectorAll('.picker-card')].map((c) => c.offsetHeight)")
    assert max(heights) < 260, heights
    await page.keyboard.press("Enter")
    assert await page.locator("dialog").count() == 1, "of three none is meant"
    await browser.screenshot("picker-long-name")
    await page.keyboard.type(ONE_HIT)
    await page.keyboard.press("Enter")
    await browser.until(_OPEN.format(2))
    assert await page.locator("dialog").count() == 0
    await page.keyboard.press("c")
    await browser.until("document.querySelectorAll('.picker-card').length === 3")
    await page.get_by_role("button", name=SECOND).last.click()
    await page.focus("dialog input")
    await page.keyboard.press("Enter")
    await browser.until(_OPEN.format(3))

    # What is said is not said over the names of slides, nor over scales.
    await page.click("#copy-link")
    await browser.until("document.querySelector('.confirmation').hidden === false")
    said = await page.locator(".confirmation").bounding_box()
    assert said is not None
    for selector in (".slot-bar", ".scale", ".stage > .tools"):
        for other in await page.locator(selector).all():
            box = await other.bounding_box()
            apart = box is None or (
                said["x"] >= box["x"] + box["width"]
                or box["x"] >= said["x"] + said["width"]
                or said["y"] >= box["y"] + box["height"]
                or box["y"] >= said["y"] + said["height"]
            )
            assert apart, selector
    await browser.screenshot("said-below")
    assert browser.problems == []


async def test_a_pane_outside_its_slide_says_so(services: Running, browser: Browser) -> None:
    page, slides = browser.page, await ids(services)
    beside = "".join(
        f"&with={slides[name]}&x={x}&y=500&z=2" for name, x in ((SECOND, 9000), (FIRST, 900), (FIRST, 900))
    )
    await page.goto(f"{services.url}/view/{slides[FIRST]}#x=1000&y=1200&z=2&link=1{beside}")
    await browser.until(_OPEN.format(4))
    away = "[...document.querySelectorAll('.outside')].map((e) => !e.hidden).join()"
    await browser.until(f"{away} === 'false,true,false,false'")
    await rested(browser)
    assert "Outside this slide" in await page.locator(".outside").nth(1).inner_text()
    await browser.screenshot("outside-four")
    before = places(page.url)
    await page.locator(".outside button").nth(1).click()
    await browser.until("[...document.querySelectorAll('.outside')][1].hidden")
    now = await rested(browser)
    assert now[1]["x"] == pytest.approx(
        float(await page.evaluate("window.wsiWorkspace.panes[1].slide.metadata.width")), abs=1
    )
    assert now[0]["x"] < before[0]["x"], "what is linked goes along"
    assert "link=1" in page.url
    assert browser.problems == []


async def test_the_list_and_what_leads_back_to_it(services: Running, browser: Browser) -> None:
    page, slides = browser.page, await ids(services)
    await page.goto(f"{services.url}/view/{slides['damaged.svs']}")
    await browser.screenshot("damaged-slide")
    await page.click("header a")
    await page.click("#as-table")
    await browser.until("document.querySelectorAll('.line .badge').length > 2")
    # A badge that is cut shows that it is: its own end is seen.
    ends = """[...document.querySelectorAll('.line .badge')].map((badge) => {
        const end = badge.getBoundingClientRect().right - badge.parentElement.getBoundingClientRect().right;
        return end <= 0.5 && (badge.scrollWidth <= badge.clientWidth || getComputedStyle(badge).textOverflow === 'ellipsis');
    })"""
    await page.emulate_media(color_scheme="dark")
    await browser.screenshot("gallery-table-badges")
    assert all(await page.evaluate(ends))
    assert "bytes" in await page.inner_text("[role=table]")
    assert [problem for problem in browser.problems if "415" not in problem] == []
