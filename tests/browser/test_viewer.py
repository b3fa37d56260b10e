"""The pages, in a real browser, against the real services."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.support.browser import DRAWN, FRAME, WITH_GRAPHICS, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.oracle import Pixels, level_pixels
from tests.support.s3server import Bucket
from tests.support.screen import BARE, screen_once
from tests.support.slides import real_slide
from wsi_streamer.access.signed_links import SignedLinks

SLIDE = "CMU-1-Small-Region.svs"
XSS = '<img src=x onerror=alert(1)>"><script>.svs'
SECRET = "a secret for tests"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(f"Case 7/{SLIDE}", real_slide(SLIDE))
    bucket.put("CMU-1-small.tiff", real_slide("CMU-1-small.tiff"))
    bucket.put("old/test3.ndpi", real_slide("test3-DAPI-2-(387).ndpi"))
    bucket.put(XSS, b"not a slide at all")
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 4)
        yield found


async def test_gallery_shows_slides_and_why_others_are_not_served(services: Running, browser: Browser) -> None:
    page = browser.page
    await page.goto(services.url + "/")
    await browser.until("[...document.images].length === 2 && [...document.images].every(i => i.naturalWidth > 0)")
    text = await page.inner_text("main")
    assert SLIDE in text
    assert "Case 7" in text
    assert "NDPI" in text
    assert XSS in text, "a name is shown as it is, and is never markup"
    await browser.screenshot("gallery")
    assert browser.problems == []
    assert browser.hosts == {"127.0.0.1"}
    await page.fill("#q", "cmu-1-SMALL-region")
    await browser.until("document.querySelectorAll('main .card:not(.skeleton)').length === 1")
    await page.click(".card a")
    await page.wait_for_url("**/view/**")
    await browser.until(DRAWN)


@pytest.mark.parametrize(("name", "drawer"), [(SLIDE, "webgl"), ("CMU-1-small.tiff", "webgl"), (SLIDE, "canvas")])
async def test_the_slide_has_its_proportions_and_colours_up_to_the_edges(
    name: str, drawer: str, services: Running, browser: Browser
) -> None:
    row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
    page = browser.page
    if drawer == "webgl":
        await page.add_init_script(WITH_GRAPHICS)
    await page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)
    assert await page.evaluate("window.wsiViewer.drawer.getType()") == drawer
    await browser.screenshot(f"view-{name}")
    width, height = row.width or 0, row.height or 0
    oracle, _ = await level_pixels(real_slide(name), width, height)
    # The bottom right corner at 1:1, where squeezed padding would show.
    side = min(400, width, height)
    await page.evaluate(BARE)
    box = await page.evaluate(
        """async ([width, height, side]) => {
            const viewer = window.wsiViewer, OSD = viewer.viewport;
            const container = OSD.getContainerSize();
            OSD.zoomTo(OSD.imageToViewportZoom(1 / window.devicePixelRatio), null, true);
            OSD.panTo(OSD.imageToViewportCoordinates(width - container.x / 2 + 20, height - container.y / 2 + 20), true);
            const at = OSD.imageToViewerElementCoordinates(OSD.viewportToImageCoordinates(
                OSD.imageToViewportCoordinates(width - side, height - side)));
            const rect = viewer.element.getBoundingClientRect();
            return {x: rect.x + at.x, y: rect.y + at.y, zoom: OSD.viewportToImageZoom(OSD.getZoom())};
        }""",
        [width, height, side],
    )
    assert abs(box["zoom"] - 1) < 1e-6
    await page.evaluate(FRAME)
    await browser.until(DRAWN)
    left, top = round(box["x"]), round(box["y"])
    expected = oracle[height - side :, width - side :]

    def off(screen: Pixels) -> float:
        shown = screen[top : top + side, left : left + side]
        assert shown.shape == expected.shape
        return float(np.abs(shown.astype(int) - expected).mean())

    screen = await screen_once(browser, f"corner-{name}-{drawer}", lambda screen: off(screen) < 0.5)
    assert off(screen) < 0.5, f"{off(screen):.2f}"
    outside = screen[top : top + side, left + side + 1 : left + side + 15]
    assert outside.min() == 255, "what lies beyond the slide in its last tiles is not shown"
    assert browser.problems == []
    assert browser.hosts == {"127.0.0.1"}


async def test_the_scale_bar_tells_micrometres(services: Running, browser: Browser) -> None:
    row = (await services.catalog.listing.page(limit=1, search=SLIDE)).rows[0]
    await browser.page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)
    label = await browser.page.inner_text(".scale")
    width = await browser.page.evaluate("document.querySelector('.scale').getBoundingClientRect().width")
    per_pixel = await browser.page.evaluate(
        "0.499 / window.wsiViewer.viewport.viewportToImageZoom(window.wsiViewer.viewport.getZoom())"
    )
    assert label.endswith("µm")
    assert abs(float(label.split()[0]) - width * per_pixel) < 0.02 * width * per_pixel


async def test_a_refused_slide_says_why(services: Running, browser: Browser) -> None:
    await browser.page.goto(f"{services.url}/view/old%2Ftest3.ndpi")
    assert "NDPI" in await browser.page.inner_text("main")


async def test_with_access_on_a_signed_page_shows_its_slide(
    services: Running, bucket: Bucket, database_url: str, browser: Browser
) -> None:
    options = {"auth_enabled": True, "auth_secret": SECRET, "indexer": False}
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as closed:
        row = (await closed.catalog.listing.page(limit=1, search=SLIDE)).rows[0]
        url = SignedLinks((SECRET.encode(),)).sign_url(f"/view/{row.id}", {}, int(time.time()) + 3600)
        await browser.page.goto(closed.url + url)
        await browser.until(DRAWN)

        def has_tissue(screen: Pixels) -> bool:
            return bool(screen[400, 640].min() < 250)

        assert has_tissue(await screen_once(browser, "view-signed", has_tissue))
        assert browser.problems == []
