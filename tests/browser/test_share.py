"""Where somebody looks, as an address and as a picture: in a real browser, against the real services."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.async_api import Page

from tests.support.browser import DRAWN, FRAME, OUTPUT, PATIENCE, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.oracle import Pixels, level_pixels
from tests.support.s3server import Bucket
from tests.support.screen import pixels_of
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"

_OVER = """
    for (const over of document.querySelectorAll('.stage > :not(.workspace), .picture .navigator, .pane-layer'))
        over.style.visibility = '{}'
"""
_STILL = "!window.wsiViewer.isAnimating()"
_TURNED = """
    (() => {
        const view = window.wsiViewer.viewport;
        view.zoomTo(view.imageToViewportZoom(0.83), undefined, true);
        view.panTo(view.imageToViewportCoordinates(1234.567, 1717.171), true);
        view.setRotation(30, true);
        view.setFlip(true);
    })()
"""


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(f"Case 7/{SLIDE}", real_slide(SLIDE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 1)
        yield found


async def picture(browser: Browser, page: Page, name: str) -> Pixels:
    """The first pane's, as it is on the screen, without what lies over it."""
    await browser.until(DRAWN)
    await browser.until(_STILL)
    await page.evaluate(FRAME)
    await browser.until(f"{DRAWN} && {_STILL}")
    await browser.screenshot(name)
    await page.evaluate(_OVER.format("hidden"))
    last, shown = None, await page.locator(".picture").first.screenshot()
    async with asyncio.timeout(PATIENCE):
        while shown != last:  # what comes in after it is drawn, and what is hidden just now
            await page.evaluate(FRAME)
            last, shown = shown, await page.locator(".picture").first.screenshot()
    await page.evaluate(_OVER.format(""))
    return pixels_of(shown).astype(int)


def blots(shown: Pixels, expected: Pixels) -> list[tuple[int, int]]:
    """Where squares of 12 pixels are another colour than they should be."""
    height, width = (side // 12 * 12 for side in shown.shape[:2])
    means = [
        pixels[:height, :width].reshape(height // 12, 12, width // 12, 12, 3).mean(axis=(1, 3))
        for pixels in (shown, expected)
    ]
    off = np.abs(means[0] - means[1]).max(axis=-1) > 25
    return [(int(x) * 12, int(y) * 12) for y, x in zip(*np.nonzero(off), strict=True)]


async def turned_oracle(page: Page, shape: tuple[int, ...]) -> Pixels:
    """What the pane is to show, by the numbers in the address alone."""
    place = {
        name: float(value) for name, _, value in (p.partition("=") for p in urlsplit(page.url).fragment.split("&"))
    }
    slide, _ = await level_pixels(real_slide(SLIDE), 2220, 2967)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    x, y = shape[1] / 2 - x, y - shape[0] / 2  # mirrored
    turn = -np.radians(place["r"])
    column = place["x"] + place["z"] * (x * np.cos(turn) - y * np.sin(turn))
    row = place["y"] + place["z"] * (x * np.sin(turn) + y * np.cos(turn))
    inside = (column >= 0) & (row >= 0) & (column < 2220) & (row < 2967)
    found = slide[row.clip(0, 2966).astype(int), column.clip(0, 2219).astype(int)]
    return np.where(inside[..., None], found, 255).astype(int)


async def clipboard(page: Page, url: str, kind: str) -> bytes:
    """What has been copied. The server's own pages may only write there: read by one that it does not send."""
    reader = await page.context.new_page()
    await reader.route("**/paste", lambda route: route.fulfill(content_type="text/html", body="<title>paste</title>"))
    await reader.goto(f"{url}/paste")
    data = await reader.evaluate(
        """async (kind) => {
            const [item] = await navigator.clipboard.read();
            const data = new Uint8Array(await (await item.getType(kind)).arrayBuffer());
            let text = '';
            for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
            return btoa(text);
        }""",
        kind,
    )
    await reader.close()
    await page.bring_to_front()
    return base64.b64decode(data)


@pytest.mark.timeout(240)
async def test_the_place_is_in_the_address_and_in_copies(services: Running, browser: Browser) -> None:
    row = (await services.catalog.listing.page(limit=1)).rows[0]
    page = browser.page
    await page.set_viewport_size({"width": 900, "height": 640})
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    await page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)
    assert urlsplit(page.url).fragment == "", "the whole slide is what the plain address shows"

    await page.evaluate(_TURNED)
    await browser.until("location.hash.includes('flip=1')")
    fragment = urlsplit(page.url).fragment
    assert fragment.startswith("x=1234.56")
    assert "&r=30&flip=1" in fragment
    before = await picture(browser, page, "share-turned")
    assert not (wrong := blots(before, await turned_oracle(page, before.shape))), f"pieces of other tiles: {wrong}"
    await page.reload()
    after = await picture(browser, page, "share-reloaded")
    assert np.abs(after - before).max() == 0
    assert urlsplit(page.url).fragment == fragment

    # The copied link is the address, and opens the same in a page that knows nothing of this one.
    await page.keyboard.press("s")
    await browser.until("document.querySelector('.confirmation')?.hidden === false")
    await browser.screenshot("share-link-copied")
    copied = (await clipboard(page, services.url, "text/plain")).decode()
    assert copied == page.url
    other = Browser(await page.context.new_page())
    await other.page.set_viewport_size({"width": 900, "height": 640})
    await other.page.goto(copied)
    assert np.abs(await picture(other, other.page, "share-fresh") - before).max() == 0
    await other.page.close()

    # Somebody pastes another fragment, and then a broken one.
    await page.evaluate("location.hash = 'x=300&y=400&z=2'")
    await browser.until("!window.wsiViewer.viewport.getFlip()")
    center = "const v = window.wsiViewer.viewport, c = v.viewportToImageCoordinates(v.getCenter()); return [c.x, c.y]"
    assert await page.evaluate(f"(() => {{ {center} }})()") == pytest.approx([300, 400], abs=1e-3)
    await page.evaluate("location.hash = 'x=1&y=%E3&z=oops&with=&what=ever'")
    await browser.until("location.hash.startsWith('#x=300&')")

    # The page comes back from signing in without its fragment: the place was kept, for once.
    plain = page.url.partition("#")[0]
    await page.evaluate("sessionStorage.setItem('wsi-place:' + location.pathname, '#x=555&y=666&z=3')")
    looks = "(({x, y, downsample}) => [x, y, downsample])(window.wsiWorkspace.panes[0].look())"
    for expected, place in (("#x=555&y=666&z=3", [555, 666, 3]), ("", None)):
        await page.goto("about:blank")
        await page.goto(plain)
        await browser.until(f"{DRAWN} && {_STILL}")
        assert await page.evaluate("sessionStorage.getItem('wsi-place:' + location.pathname)") is None
        await browser.until(f"location.hash === '{expected}'")
        x, y, downsample = await browser.steady(looks)
        if place is None:  # the whole slide, by the pane's own word
            assert [x, y] == pytest.approx([2220 / 2, 2967 / 2], abs=1)
            assert downsample > 3
        else:
            assert [x, y, downsample] == pytest.approx(place, abs=1e-3)
        assert await page.evaluate("location.hash") == expected

    # The picture: what the screen shows, where nothing lies over it.
    await page.evaluate(f"location.hash = '{fragment}'")
    await browser.until("window.wsiViewer.viewport.getFlip()")
    await picture(browser, page, "share-again")
    await page.keyboard.press("w")
    await browser.until("document.querySelector('.confirmation').textContent.includes('Image copied')")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Save as a file").click()
    assert (await download.value).suggested_filename == "CMU-1-Small-Region view.png"
    data = await clipboard(page, services.url, "image/png")
    shown = pixels_of(data).astype(int)
    assert shown.shape == before.shape
    middle = (slice(0, -60), slice(0, None))  # above the scale bar
    assert np.abs(shown[middle] - before[middle]).max() <= 2
    assert shown[middle].std() > 5, "and it is a picture of something"
    saved = (await (await download.value).path()).read_bytes()
    assert np.array_equal(pixels_of(saved), shown)
    (OUTPUT / "share-picture.png").write_bytes(saved)

    assert all("#" not in url and "x=1234" not in url for url in sent), "nothing of it reaches the server"
    assert browser.problems == []
    assert browser.hosts == {"127.0.0.1"}
