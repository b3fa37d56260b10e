"""What is on the screen at 1:1 is what the slide holds, pixel by pixel, for real slides of every kind that is served."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from tests.integration.tiles.test_pixels import SERVED
from tests.support.browser import DRAWN, FRAME, Browser
from tests.support.in_process import running, wait_indexed
from tests.support.oracle import Pixels, level_pixels
from tests.support.s3server import Bucket
from tests.support.screen import BARE, screen_once
from tests.support.slides import real_slide

_AT_FULL_SIZE = """async ([x, y]) => {
    const viewer = window.wsiViewer, v = viewer.viewport, size = v.getContainerSize();
    viewer.viewport.maxZoomPixelRatio = 1e9;
    v.zoomTo(v.imageToViewportZoom(1), null, true);
    // whole pixels: half a pixel off would be blurred
    v.panTo(v.imageToViewportCoordinates(x + Math.floor(size.x / 2) + (size.x % 2) / 2,
                                         y + Math.floor(size.y / 2) + (size.y % 2) / 2), true);
    viewer.forceRedraw();
    await new Promise(drawn => viewer.addOnceHandler("update-viewport", drawn));
    const rect = viewer.element.getBoundingClientRect();
    return [rect.x, rect.y, rect.width, rect.height];
}"""

WIDE, HIGH = 700, 500
"""Of the screen: a small one, as no graphics card draws it."""

ENCODED = {
    "rgbsmall_DEFLATE_tiled.tif",
    "rgbsmall_LZW_tiled.tif",
    "rgbsmall_WEBP_tiled.tif",
    "rgbsmall_ZSTD_tiled.tif",
    "tcga-cr-7395-01a-01-ts1.svs",
}
"""Their tiles are no JPEG: the server makes one of each, which differs a little from pixel to pixel, and not in its colours."""


def difference(screen: Pixels, corner: tuple[int, int], part: Pixels, there: Pixels) -> Pixels:
    """By pixel and colour, of those that the slide holds."""
    left, top = corner
    found: Pixels = (screen[top : top + part.shape[0], left : left + part.shape[1]].astype(int) - part)[there]
    return found


def is_same(found: Pixels, most: float) -> bool:
    return bool(np.abs(found).mean() < most and np.abs(found.mean(axis=0)).max() < 1)


@pytest.mark.timeout(600)
async def test_the_screen_at_full_size_is_the_slide(bucket: Bucket, database_url: str, browser: Browser) -> None:
    page = browser.page
    await page.set_viewport_size({"width": WIDE, "height": HIGH})
    for name in SERVED:
        bucket.put(name, real_slide(name))
    off: dict[str, float] = {}
    shifted: dict[str, float] = {}
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, len(SERVED))
        for name in SERVED:
            row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
            width, height = row.width or 0, row.height or 0
            oracle, stored = await level_pixels(real_slide(name), width, height)
            await page.goto(f"{services.url}/view/{row.id}")
            await browser.until("!!window.wsiViewer?.world.getItemAt(0)")
            await page.evaluate(BARE)
            x, y = max(0, (width - WIDE) // 2), max(0, (height - HIGH) // 2)
            left, top, wide, high = map(round, await page.evaluate(_AT_FULL_SIZE, [x, y]))
            await browser.until(DRAWN)
            await page.evaluate(FRAME)
            part = oracle[y : y + high, x : x + wide]
            there = stored[y : y + high, x : x + wide]
            if not there.any():  # the middle of one has no tiles
                continue

            aligned = partial(difference, corner=(left, top), part=part, there=there)
            most = 6 if name in ENCODED else 0.5
            found = aligned(
                await screen_once(browser, f"colours-{name}", lambda screen: is_same(aligned(screen), most))  # noqa: B023 - called at once
            )
            off[name] = float(np.abs(found).mean())
            shifted[name] = float(np.abs(found.mean(axis=0)).max())
        assert browser.problems == []  # while there is a server: the page may still read ahead
    assert len(off) >= len(SERVED) - 1
    assert max(value for name, value in off.items() if name not in ENCODED) < 0.5, off
    assert max(off.values()) < 6, off
    assert max(shifted.values()) < 1, shifted
