"""Slides side by side, in a real browser, against the real services."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.browser import PATIENCE, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.signed_links import SignedLinks

FIRST, SECOND, THIRD = "CMU-1-Small-Region.svs", "CMU-1-small.tiff", "OS-1-detail.ome.tif"
FIRST_MPP = 0.499
SECRET = "a secret for tests"

_OPEN = """
    document.querySelectorAll('.slot > .pane:not(.waiting)').length === {0}
    && [...document.querySelectorAll('.slot > .pane:not(.waiting)')].every((p) => p.querySelector('canvas')?.width > 0)
"""


_SCENE = """[location.href, window.wsiWorkspace.panes.map((pane) => ({
    id: pane.slide.id, still: pane.isOpen && !pane.viewer.isAnimating(), ...(pane.isOpen ? pane.look() : {}),
}))]"""
"""The address, and where the panes themselves say that they look."""

_OVERVIEWS_ARE_WHOLE = """
    window.wsiWorkspace.panes.every(({viewer}) => {
        const {viewport} = viewer.navigator, [shown, whole] = [viewport.getBounds(), viewport.getHomeBounds()];
        return ["x", "y", "width", "height"].every((side) => Math.abs(shown[side] - whole[side]) < 1e-6);
    })
"""


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(f"Case 7/{FIRST}", real_slide(FIRST))
    bucket.put(f"Case 7/{SECOND}", real_slide(SECOND))
    bucket.put(f"Case 8/{THIRD}", real_slide(THIRD))
    bucket.put("Case 8/unknown.tif", real_slide("cog_rgb.tif"))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 4)
        yield found


async def ids(services: Running) -> dict[str, str]:
    """Opaque ids by the last part of the key."""
    rows = (await services.catalog.listing.page(limit=10)).rows
    return {row.key.rpartition("/")[2]: row.id for row in rows}


def places(url: str) -> list[dict[str, Any]]:
    """What the address's fragment says of each pane: x, y, z, r."""
    found: list[dict[str, Any]] = [{}]
    for name, _, value in (pair.partition("=") for pair in urlsplit(url).fragment.split("&")):
        if name == "with":
            found.append({"id": value})
        elif name in ("x", "y", "z", "r"):
            found[-1][name] = float(value)
    return found


async def rested(browser: Browser, since: str | None = None) -> list[dict[str, Any]]:
    """The places, once no pane moves any more and the address tells where each looks; and, with ``since``, the address is no longer that."""
    if since is not None:
        await browser.until(f"location.href !== '{since}'")
    async with asyncio.timeout(PATIENCE):
        while True:
            href, looks = await browser.steady(_SCENE)
            if all(look["still"] for look in looks) and agree(places(href), looks):
                return places(href)
            await asyncio.sleep(0.05)


def agree(told: list[dict[str, Any]], looks: list[dict[str, Any]]) -> bool:
    """Whether the address tells where each pane looks. It may tell of slides that no pane shows."""
    by_pane = [told[0]]
    for look in looks[1:]:
        begin = next((i for i, place in enumerate(told[1:], 1) if place["id"] == look["id"]), None)
        if begin is None:
            return False
        by_pane.append(told[begin])
        told = told[begin:]
    return all(
        {"x", "y", "z"} <= place.keys()
        and [place["x"], place["y"]] == pytest.approx([look["x"], look["y"]], abs=1e-3)
        and place["z"] == pytest.approx(look["downsample"], rel=1e-6)
        and place.get("r", 0) == pytest.approx(look["rotation"], abs=1e-3)
        for place, look in zip(by_pane, looks, strict=True)
    )


async def drag(browser: Browser, pane: int, dx: int, dy: int) -> None:
    """By mouse, with a stop at the end, so that nothing is thrown."""
    box = await browser.page.locator(".pane").nth(pane).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = browser.page.mouse
    await mouse.move(x, y)
    await mouse.down()
    await mouse.move(x + dx, y + dy, steps=8)
    await browser.page.wait_for_timeout(250)
    await mouse.up()


async def test_two_slides_move_together_and_come_back(services: Running, browser: Browser) -> None:
    page, slides = browser.page, await ids(services)
    await page.set_viewport_size({"width": 1000, "height": 640})
    second_mpp = float((await services.http.get(f"/slides/{slides[SECOND]}")).json()["mpp"]["x"])
    await page.goto(f"{services.url}/view/{slides[FIRST]}#x=1000&y=1200&z=2")
    await browser.until(_OPEN.format(1))
    assert await page.locator("#link-panes").is_hidden(), "nothing to link yet"

    # Chosen by keyboard alone: the dialog, a search, a slide.
    await page.keyboard.press("c")
    await browser.until("document.querySelectorAll('.picker-card').length === 4")
    await browser.until("[...document.querySelectorAll('.picker img')].every((i) => i.naturalWidth > 0)")
    assert "2,220 × 2,967 pixels · 0.499 µm/px" in await page.inner_text(".picker-list")
    await browser.screenshot("compare-picker")
    await page.keyboard.type("cmu-1-SMALL.t")
    await browser.until("document.querySelectorAll('.picker-card').length === 1")
    for key in ("Tab", "Enter", "Tab", "Tab", "Enter"):
        await page.keyboard.press(key)
    await browser.until(_OPEN.format(2))
    assert await page.locator("dialog").count() == 0
    assert await page.locator(".slot-name").all_inner_texts() == [FIRST, SECOND]
    one, two = await rested(browser)
    assert two["id"] == slides[SECOND]
    assert two["z"] * second_mpp == pytest.approx(one["z"] * FIRST_MPP, rel=1e-6), "the same magnification"
    assert two["x"] / 718 == pytest.approx(one["x"] / 2220, abs=1e-3), "the same part of the slide"
    assert await page.locator("#link-panes").get_attribute("aria-pressed") == "true"

    # One is dragged: both move by the same µm, to less than a pixel of the screen.
    before = page.url
    await drag(browser, 0, 120, -70)
    one_moved, two_moved = await rested(browser, before)
    for axis in ("x", "y"):
        by = (one_moved[axis] - one[axis]) * FIRST_MPP
        assert abs(by) > 40
        assert (two_moved[axis] - two[axis]) * second_mpp == pytest.approx(by, abs=0.5 * one["z"] * FIRST_MPP)
    await browser.screenshot("compare-two")

    # Not linked: only one moves and turns. Linked again, that offset is kept while the other leads.
    await page.keyboard.press("k")
    await browser.until("!location.hash.includes('link=1')")
    await page.evaluate("window.wsiViewer.viewport.setRotation(40)")
    before = page.url
    await drag(browser, 0, -60, 20)
    alone = await rested(browser, before)
    assert "link=1" not in page.url
    assert alone[1] == two_moved
    assert alone[0]["r"] == 40
    await page.keyboard.press("k")
    await browser.until("location.hash.includes('link=1')")
    before = page.url
    await drag(browser, 1, 90, 30)
    await rested(browser, before)
    before = page.url
    await page.mouse.wheel(0, 300)
    together = await rested(browser, before)
    assert "link=1" in page.url
    assert together[0]["r"] == 40
    assert together[0]["z"] / together[1]["z"] == pytest.approx(alone[0]["z"] / alone[1]["z"], rel=1e-6)
    assert together[0]["z"] > alone[0]["z"], "magnified less together"
    await browser.screenshot("compare-offset")

    # All of it is in the address; the fragment of another comes over it.
    fragment, before = urlsplit(page.url).fragment, page.url
    await page.reload()
    await browser.until(_OPEN.format(2))
    assert await rested(browser) == together, "by the panes' own word, and the address's"
    assert urlsplit(page.url).fragment == fragment
    await page.click("#align-panes")
    one, two = await rested(browser, before)
    assert "r" not in one or one["r"] == two["r"]
    assert two["z"] * second_mpp == pytest.approx(one["z"] * FIRST_MPP, rel=1e-6)
    await page.get_by_role("button", name=f"Close {SECOND}").click()
    await browser.until("!location.hash.includes('with=')")
    assert await page.locator(".slot-bar").first.is_hidden()
    assert browser.problems == []
    assert browser.hosts == {"127.0.0.1"}


async def test_four_panes_and_what_cannot_be_shown(services: Running, browser: Browser) -> None:
    page, slides = browser.page, await ids(services)
    beside = "&".join(f"with={slides[name]}" for name in (SECOND, FIRST, "unknown.tif"))
    await page.goto(f"{services.url}/view/{slides[FIRST]}#link=1&{beside}&with=s-one-too-many")
    await browser.until(_OPEN.format(4))
    await browser.until("!location.hash.includes('one-too-many')")
    one, two, same, _ = await rested(browser)
    assert same["z"] == pytest.approx(one["z"], rel=1e-6)
    assert (same["x"], same["y"]) == pytest.approx((one["x"], one["y"]), abs=one["z"])
    assert "z" in two
    await page.emulate_media(color_scheme="dark")
    await page.mouse.move(330, 260)
    await page.mouse.move(300, 250)
    shown = "[...document.querySelectorAll('.shared-cursor')].map((c) => c.style.display === '')"
    await browser.until(f"({shown}).join() === 'false,true,true,true'")  # where the pointer is, in the others
    await browser.until(_OVERVIEWS_ARE_WHOLE)
    await browser.screenshot("compare-four-dark")
    assert await page.locator("#compare").is_disabled()
    boxes = [await page.locator(".pane").nth(i).bounding_box() for i in range(4)]
    assert len({(box["x"], box["y"]) for box in boxes if box}) == 4

    # On a phone, and with one that isn't there.
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.evaluate(f"location.hash = '#link=1&with={slides[THIRD]}&with=s-{'a' * 24}'")
    await browser.until("document.querySelector('.waiting')?.textContent.includes('There is no such slide')")
    await browser.until(_OPEN.format(2))
    await rested(browser)
    await browser.screenshot("compare-phone")
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert f"with=s-{'a' * 24}" in page.url, "what can't be shown now is not forgotten"
    await page.evaluate(f"location.hash = '#with=..&with={slides[THIRD]}'")
    await browser.until("document.querySelector('.waiting') === null && !location.hash.includes('with=..')")
    await browser.until(_OPEN.format(2))

    # Without its first slide it is the next one's page.
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.get_by_role("button", name=f"Close {FIRST}").click()
    await page.wait_for_url(f"**/view/{slides[THIRD]}#*")
    assert [problem for problem in browser.problems if "404" not in problem] == []


async def test_what_can_be_opened_is_there_to_choose_however_much_cannot(
    bucket: Bucket, database_url: str, browser: Browser
) -> None:
    page, damaged = browser.page, 30
    for number in range(damaged):  # more than a page of the picker's list, and before all others
        bucket.put(f"A/{number}.svs", b"II*\0 no slide")
    bucket.put(FIRST, real_slide(FIRST))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, damaged + 1)
        slide = (await found.catalog.listing.page(limit=1, search=FIRST)).rows[0].id
        await page.goto(f"{found.url}/view/{slide}")
        await browser.until(_OPEN.format(1))
        await page.keyboard.press("c")
        await browser.until("document.querySelectorAll('.picker-card').length === 1")
        assert await page.get_by_role("button", name="More slides").is_hidden()
        await page.keyboard.type("no such name")
        await browser.until(
            "document.querySelector('.picker-said').textContent.startsWith('No slide that can be opened')"
        )
        await browser.screenshot("compare-picker-nothing")
        assert browser.problems == []


async def test_by_link_others_open_with_their_own_tokens(
    services: Running, bucket: Bucket, database_url: str, browser: Browser
) -> None:
    page, slides = browser.page, await ids(services)
    options = {"auth_enabled": True, "auth_secret": SECRET, "indexer": False}
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as closed:
        links, expires = SignedLinks((SECRET.encode(),)), int(time.time()) + 3600
        url = links.sign_url(f"/view/{slides[FIRST]}", {}, expires)
        token = links.viewer_token(f"Case 7/{SECOND}", expires)
        await page.goto(f"{closed.url}{url}#link=1&with={slides[SECOND]}&exp={expires}&vt={token}&with={slides[THIRD]}")
        await browser.until(_OPEN.format(2))
        await browser.until("document.querySelector('.waiting')?.textContent.includes('You may not see')")
        await rested(browser)
        assert f"&exp={expires}&vt={token}" in page.url
        await browser.screenshot("compare-by-link")
        await page.keyboard.press("s")
        await browser.until("document.querySelector('.confirmation').textContent.includes('may see the slide until')")
        await page.keyboard.press("c")
        assert "Your link opens this slide alone" in await page.inner_text("dialog")
        await browser.screenshot("compare-by-link-said")
        await page.get_by_role("button", name="Show this slide once more").click()
        await browser.until(_OPEN.format(3))
        assert [problem for problem in browser.problems if "403" not in problem and "401" not in problem] == []
