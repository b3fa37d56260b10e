"""The list of slides in a real browser: ten thousand of them, and some that are just being indexed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, Route

from tests.benchmarks.catalog_generator import generate
from tests.support.browser import Browser
from tests.support.in_process import Running, running
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.catalog.database import Database
from wsi_streamer.catalog.scans import ScanTotals
from wsi_streamer.slides.slide import SlideStatus, StoredObject

SLIDES = 10_000
SECRET = "a secret of thirty-two bytes too"
SLIDE = "CMU-1-Small-Region.svs"

_CARDS = "[...document.querySelectorAll('.item:not(.skeleton)')]"
_NAMES = f"{_CARDS}.map(c => c.querySelector('h2, .line-name').textContent)"
_SCROLLER = "document.querySelector('.slides')"
_NOTHING_BLANK = """(() => {
    const box = document.querySelector('.slides').getBoundingClientRect();
    const shown = [...document.querySelectorAll('.item')].map(item => [item, item.getBoundingClientRect()])
        .filter(([, {top, bottom}]) => bottom > box.top && top < box.bottom);
    const covers = y => shown.some(([, {top, bottom}]) => top <= y + 40 && bottom >= y - 40);
    return shown.every(([item]) => !item.matches('.skeleton')) && covers(box.top + box.height / 2);
})()"""
"""What is on the screen has no row that still waits, and in its middle there is one."""
_ELEMENTS = "document.querySelector('.virtual').querySelectorAll('*').length"
_FOCUSED = "document.activeElement.closest('[data-index]')?.dataset.index ?? null"

# Scrolls as fast as frames come, to the end of all that comes; notes what was to be seen, how many elements there were, and
# for how many milliseconds in a row the middle of the screen showed no card: a measure of the machine too, so only told.
_TO_THE_END = """async () => {
    const scroller = document.querySelector('.slides'), seen = new Set();
    let most = 0, blank = 0, longest = 0, last = performance.now(), atEnd = 0;
    while (atEnd < 20) {
        scroller.scrollTop += scroller.clientHeight * 0.9;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        const box = scroller.getBoundingClientRect();
        const middle = document.elementsFromPoint(box.left + 60, box.top + box.height / 2);
        const empty = !middle.some(e => e.matches('.item:not(.skeleton)'));
        blank = empty ? blank + now - last : 0;
        last = now;
        longest = Math.max(longest, blank);
        most = Math.max(most, document.querySelector('.virtual').querySelectorAll('*').length);
        for (const item of document.querySelectorAll('.item:not(.skeleton)')) seen.add(item.dataset.index);
        const end = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
        atEnd = end && !document.querySelector('.skeleton') ? atEnd + 1 : 0;
    }
    return {seen: seen.size, most, longest};
}"""


@contextlib.asynccontextmanager
async def filled(
    database: Database, database_url: str, bucket: Bucket, slides: int, **options: Any
) -> AsyncIterator[Running]:
    """Slides in the catalog; none of them is in the bucket, so no picture comes."""
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False, **options) as found:
        await generate(database, found.catalog.source_id, slides)
        await found.catalog.scans.finish(await found.catalog.scans.begin(), ScanTotals())
        yield found


@pytest.fixture
async def many(bucket: Bucket, database_url: str, database: Database) -> AsyncIterator[Running]:
    async with filled(database, database_url, bucket, SLIDES) as found:
        yield found


@pytest.fixture
async def some(bucket: Bucket, database_url: str, database: Database) -> AsyncIterator[Running]:
    async with filled(database, database_url, bucket, 2_000) as found:
        yield found


async def shows(browser: Browser, *names: str) -> None:
    """Wait until these cards are the list's first."""
    await browser.until(f"{_NAMES}.slice(0, {len(names)}).join('|') === {'|'.join(names)!r}")


async def first_names(running_now: Running, **asked: object) -> list[str]:
    """What the catalog has first."""
    rows = (await running_now.catalog.listing.page(limit=3, **asked)).rows  # type: ignore[arg-type]
    return [row.key.rpartition("/")[2] for row in rows]


async def test_ten_thousand_slides_scroll_to_the_end(many: Running, browser: Browser) -> None:
    page = browser.page
    await page.emulate_media(color_scheme="dark")
    await page.goto(many.url)
    await shows(browser, *await first_names(many))
    await browser.until("document.querySelector('.count').textContent === '10,000 slides'")
    await browser.until("document.querySelectorAll('.folders li').length >= 8")
    await browser.screenshot("gallery-many")
    found = await page.evaluate(_TO_THE_END)
    assert found["seen"] == SLIDES, "every card was on screen, or next to it"
    assert found["most"] < 1_500
    print(f"without a card in the middle of the screen: {found['longest']:.0f} ms at most")
    assert await page.evaluate(_NOTHING_BLANK), "no row stays blank once it rests"
    last = (await many.catalog.listing.page(limit=1, sort="-key")).rows[0].key.rpartition("/")[2]
    assert (await page.evaluate(_NAMES))[-1] == last
    # A slide, and back: the same cards are where they were.
    await page.evaluate(f"{_SCROLLER}.scrollTop -= 3333")
    await browser.until(f"{_SCROLLER}.scrollTop > 1000")
    await browser.until(_NOTHING_BLANK)
    whole = f"{_CARDS}.find(c => c.querySelector('a') && c.getBoundingClientRect().top > 250)?.dataset.index ?? null"
    await browser.until(f"({whole}) !== null")
    index = await browser.steady(whole)
    card = f".item[data-index='{index}']"
    top = await browser.steady(f'document.querySelector("{card}").getBoundingClientRect().top')
    await page.click(f"{card} a")
    await page.wait_for_url("**/view/**")
    await page.go_back()
    await browser.until(f'document.querySelector("{card}") !== null')
    await browser.until(f'Math.abs(document.querySelector("{card}").getBoundingClientRect().top - {top}) < 2')
    # The table, and its head that sorts.
    await page.click("#as-table")
    assert await page.get_by_role("table").count() == 1
    await page.get_by_role("button", name="Size").click()
    await shows(browser, *await first_names(many, sort="size"))
    await page.get_by_role("button", name="Size").click()
    await shows(browser, *await first_names(many, sort="-size"))
    await browser.screenshot("gallery-table")
    assert await page.evaluate(_ELEMENTS) < 1_500
    await page.reload()
    await page.get_by_role("table").wait_for()  # what is chosen stays so


async def test_finding_slides(some: Running, browser: Browser) -> None:
    page = browser.page
    await page.emulate_media(color_scheme="light")
    await page.goto(some.url)
    await browser.until(f"{_CARDS}.length > 10")
    # As it is typed, over all slides; answers that come late are passed over.
    await page.locator("#q").press_sequentially("QuoKKa", delay=30)
    await browser.until(f"{_CARDS}.length === 3 && document.querySelector('.count').textContent === '3 slides'")
    assert all("Quokka" in name for name in await page.evaluate(_NAMES))
    assert page.url.endswith("/?q=QuoKKa")
    await page.fill("#q", "no such slide")
    await browser.until("document.querySelector('.list-message').innerText.includes('holds “no such slide”')")
    await browser.screenshot("gallery-unmatched")
    await page.get_by_role("button", name="Show all slides").click()
    await browser.until("document.querySelector('.count').textContent === '2,000 slides'")
    assert await page.input_value("#q") == ""
    # Folders: one level at a time.
    await page.get_by_role("button", name="Show the folders in pathology").click()
    await page.get_by_role("button", name="Show the folders in 2015").click()
    await page.locator(".folders").get_by_role("link", name="03").click()
    await shows(browser, *await first_names(some, prefix="pathology/2015/03/"))
    assert await page.locator(".crumbs").inner_text() == "All slides\npathology\n2015\n03"
    assert await page.locator(".folders [aria-current]").inner_text() == "03"
    await browser.screenshot("gallery-folder-light")
    # Their order is that of their paths, and says so: it shows by the folders beneath the names, on cards and in tables.
    assert await page.locator("#sort option:checked").inner_text() == "Path, A to Z"
    folders = f"{_CARDS}.map(c => c.querySelector('[data-folder]').textContent)"
    days = [way.split("/")[0] for way in await page.evaluate(folders)]
    assert days == sorted(days)
    assert len(set(days)) > 1, days
    await page.click("#as-table")
    assert await page.get_by_role("button", name="Name (by path)").is_visible()
    for width, place in ((1280, ".cell.folder"), (800, ".line-folder")):
        await page.set_viewport_size({"width": width, "height": 800})
        await browser.until(f"innerWidth === {width}")
        assert await page.locator(f".item {place}:visible").first.inner_text() == (await page.evaluate(folders))[0]
        await browser.screenshot(f"gallery-folder-table-{width}")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.click("#as-grid")
    # Order and status.
    await page.select_option("#sort", "-modified")
    await shows(browser, *await first_names(some, prefix="pathology/2015/03/", sort="-modified"))
    await page.locator(".crumbs").get_by_role("link", name="All slides").click()
    await page.select_option("#status", "failed")
    await shows(browser, *await first_names(some, status=SlideStatus.FAILED, sort="-modified"))
    assert "The file is shorter than its size says." in await page.inner_text(".slides")
    assert await page.locator(".badge.failed").first.inner_text() == "Damaged"
    await browser.screenshot("gallery-failed-light")
    # Back, step by step; and the same list for whoever opens the same address.
    await page.go_back()
    await page.go_back()
    await shows(browser, *await first_names(some, prefix="pathology/2015/03/", sort="-modified"))
    assert await page.input_value("#sort") == "-modified"
    await page.reload()
    await shows(browser, *await first_names(some, prefix="pathology/2015/03/", sort="-modified"))
    await browser.until("document.querySelector('.folders [aria-current]')?.textContent === '03'")
    await without_a_mouse(page, browser)
    await on_a_phone(page, browser)


async def without_a_mouse(page: Page, browser: Browser) -> None:
    await page.goto(page.url.partition("?")[0])
    await browser.until(f"{_CARDS}.length > 10")
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate(_FOCUSED) is not None:
            break
    assert await page.evaluate(_FOCUSED) == "0"
    columns = await page.evaluate(
        f"{_CARDS}.filter(c => c.getBoundingClientRect().top === {_CARDS}[0].getBoundingClientRect().top).length"
    )
    for key, index in (("ArrowRight", 1), ("ArrowDown", 1 + columns), ("ArrowLeft", columns), ("ArrowUp", 0)):
        await page.keyboard.press(key)
        assert await page.evaluate(_FOCUSED) == str(index), key
    await page.keyboard.press("End")
    assert int(await page.evaluate(_FOCUSED)) >= 99
    await browser.screenshot("gallery-focus-light")
    # Who scrolls on does not lose the focus, however far it is.
    at = await page.evaluate(_FOCUSED)
    await page.evaluate(f"{_SCROLLER}.scrollTop = 0")
    await browser.until(f"{_CARDS}.some(c => c.dataset.index === '0')")
    assert await page.evaluate(_FOCUSED) == at
    await page.keyboard.press("Home")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/view/**")
    await page.go_back()
    await browser.until(f"{_CARDS}.length > 10")


async def on_a_phone(page: Page, browser: Browser) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await browser.until(f"{_CARDS}[0].getBoundingClientRect().width < 200")
    await browser.screenshot("gallery-phone-light")
    await page.emulate_media(color_scheme="dark")
    await page.get_by_role("button", name="Show folders").click()
    await browser.screenshot("gallery-phone-folders")
    await page.locator(".folders").get_by_role("link", name="Scanner-A").click()
    await browser.until("document.querySelector('.crumbs').innerText.includes('Scanner-A')")
    assert not await page.locator(".folders").is_visible()
    await page.click("#as-table")
    await browser.screenshot("gallery-phone-table")
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_a_list_fills_while_slides_are_indexed(bucket: Bucket, database_url: str, browser: Browser) -> None:
    page = browser.page
    names = [f"case {i:02}/slide {i:02}.svs" for i in range(12)]
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False) as waiting:
        for name in names:
            bucket.put(name, real_slide(SLIDE))
            await waiting.catalog.objects.observe(StoredObject(name, '"other"', 1_938_955))
        await waiting.catalog.scans.finish(await waiting.catalog.scans.begin(), ScanTotals())
        await page.goto(waiting.url)
        await browser.until("document.querySelector('.progress').innerText.includes('0 of 12 slides indexed')")
        await browser.screenshot("gallery-waiting")
        await page.locator(".item a").nth(4).focus()
        bucket.put("a new one.svs", real_slide(SLIDE))
        async with running(database_url, bucket.name, bucket.server.endpoint):  # its indexer does the work
            await browser.until("document.querySelectorAll('img.thumbnail:not(.late)').length === 13")
            await browser.until("document.querySelector('.progress').hidden")
            assert (await page.evaluate(_NAMES))[0] == "a new one.svs", "what is new comes by itself"
            assert await page.evaluate("document.activeElement.querySelector('h2').textContent") == "slide 04.svs"
            await browser.screenshot("gallery-filled")
            await choosing(page, browser)


async def choosing(page: Page, browser: Browser) -> None:
    """Slides to compare."""
    await page.get_by_role("checkbox", name="slide 01.svs").check()
    compare = page.get_by_role("button", name="Compare")
    assert await compare.is_disabled()
    await page.get_by_role("checkbox", name="slide 03.svs").check()
    await browser.screenshot("gallery-chosen")
    for name in ("slide 05.svs", "slide 06.svs"):
        await page.get_by_role("checkbox", name=name).check()
    await page.get_by_role("checkbox", name="slide 07.svs").click()
    assert "4 selected" in await page.locator(".selection").inner_text()
    await compare.click()
    await page.wait_for_url("**/view/**")
    assert page.url.count("with=s-") == 3


async def test_who_came_by_a_link_sees_that_list_alone(
    bucket: Bucket, database_url: str, database: Database, browser: Browser
) -> None:
    async with filled(database, database_url, bucket, 300, auth_enabled=True, auth_secret=SECRET) as closed:
        page, policy = browser.page, SignedLinks((SECRET.encode(),))
        await page.goto(closed.url + policy.sign_url("/", {"status": "indexed"}, int(time.time()) + 3600))
        await browser.until(f"{_CARDS}.length > 10")
        for control in ("#q", "#sort", "#status", ".folders"):
            assert not await page.locator(control).is_visible()
        found = await page.evaluate(_TO_THE_END)
        rows = (await closed.catalog.listing.page(limit=1000, status=SlideStatus.INDEXED)).rows
        assert found["seen"] == len(rows) > 200
        last = page.locator(".item a").last
        assert "sig=" in (await last.get_attribute("href") or "")
        assert [p for p in browser.problems if "401" in p or "403" in p] == []


async def test_the_list_in_japanese_and_an_error_that_passes(some: Running, browser: Browser) -> None:
    page = browser.page

    async def in_japanese(route: Route) -> None:
        answer = await route.fetch()
        body = (await answer.text()).replace('<html lang="en"', '<html lang="ja"')
        await route.fulfill(response=answer, body=body)

    await page.route(some.url + "/", in_japanese)
    await page.goto(some.url)
    await browser.until(f"{_CARDS}.length > 10 && document.querySelectorAll('.folders li').length >= 8")
    assert await page.title() == "スライド一覧"
    await page.select_option("#status", "unsupported")
    await shows(browser, *await first_names(some, status=SlideStatus.UNSUPPORTED))
    await browser.screenshot("gallery-japanese")
    assert "未対応" in await page.inner_text(".slides")
    await page.route("**/?*", lambda route: route.abort())
    await page.select_option("#status", "failed")
    await browser.until("document.querySelector('.list-message').innerText.includes('一覧を読み込めませんでした')")
    await browser.screenshot("gallery-error")
    await page.unroute("**/?*")
    await page.get_by_role("button", name="再試行").click()
    await shows(browser, *await first_names(some, status=SlideStatus.FAILED))
