"""Measuring and marking, in a real browser, against the real services."""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"
MPP = 0.499
"""µm a pixel of level 0 of it, both ways."""
NO_SCALE = "CMU-1-small.tiff"

_DRAWN = "!!window.wsiViewer?.world.getItemAt(0)?.getFullyLoaded()"
_LABELS = "[...document.querySelectorAll('.mark-labels text')].map(text => text.textContent)"
_STORED = """
    new Promise((done, failed) => {
        const open = indexedDB.open("wsi-streamer-marks", 1);
        open.onerror = failed;
        open.onsuccess = () => {
            const all = open.result.transaction("marks").objectStore("marks").getAll();
            all.onsuccess = () => { open.result.close(); done(all.result.map(one => one.mark)); };
        };
    })
"""

Place = tuple[float, float]
Marks = list[dict[str, Any]]


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    bucket.put(NO_SCALE, real_slide(NO_SCALE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 2)
        yield found


async def show(services: Running, browser: Browser, name: str) -> None:
    row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
    await browser.page.goto(f"{services.url}/view/{row.id}")
    await browser.until(_DRAWN)


async def look(browser: Browser, zoom: float, rotation: float = 0, flipped: bool = False) -> None:
    """The slide's middle at so many CSS pixels a pixel of level 0."""
    await browser.page.evaluate(
        """([zoom, rotation, flipped]) => {
            const viewport = window.wsiViewer.viewport;
            viewport.setRotation(rotation, true);
            viewport.setFlip(flipped);
            viewport.zoomTo(viewport.imageToViewportZoom(zoom), null, true);
            viewport.panTo(viewport.imageToViewportCoordinates(1110, 1483), true);
        }""",
        [zoom, rotation, flipped],
    )
    await browser.until(f"Math.abs(window.wsiViewer.viewport.viewportToImageZoom("
                        f"window.wsiViewer.viewport.getZoom(true)) - {zoom}) < 1e-9")


async def drag(browser: Browser, *path: Place) -> None:
    mouse = browser.page.mouse
    await mouse.move(*path[0])
    await mouse.down()
    for place in path[1:]:
        await mouse.move(*place, steps=4)
    await mouse.up()


async def tool(browser: Browser, kind: str) -> None:
    await browser.page.click(f"#tool-{kind}")
    assert await browser.page.get_attribute(f"#tool-{kind}", "aria-pressed") == "true"


async def labels(browser: Browser) -> list[str]:
    found: list[str] = await browser.page.evaluate(_LABELS)
    return found


async def kept(browser: Browser, count: int) -> Marks:
    """The marks in the browser's database, once there are so many."""
    await browser.until(f"{_STORED}.then(all => all.length === {count})")
    found: Marks = await browser.page.evaluate(_STORED)
    return sorted(found, key=lambda mark: (mark["created"], mark["id"]))


def microns(text: str) -> float:
    found = re.search(r"([\d.,]+)\s(µm|mm)$", text)
    assert found is not None, text
    return float(found[1].replace(",", "")) * (1000 if found[2] == "mm" else 1)


async def test_a_known_distance_is_right_at_any_zoom_turned_and_mirrored(services: Running, browser: Browser) -> None:
    await show(services, browser, SLIDE)
    page = browser.page
    count = 0
    for zoom, rotation, flipped in [(0.25, 0, False), (1, 0, False), (2.5, 30, False), (0.4, 30, True), (1, 0, True)]:
        await look(browser, zoom, rotation, flipped)
        await page.keyboard.press("m")
        a, b = (420.0, 300.0), (820.0, 560.0)
        await drag(browser, a, b)
        count += 1
        marks = await kept(browser, count)
        truth = math.dist(a, b) / zoom
        drawn = math.dist(*[(point["x"], point["y"]) for point in marks[-1]["points"]])
        assert abs(drawn - truth) < 1, (zoom, rotation, flipped)
        shown = [text for text in await labels(browser) if abs(microns(text) - truth * MPP) < MPP]
        assert len(shown) >= 1, (truth * MPP, await labels(browser))
        # the line is where the mouse was
        path = await page.evaluate("[...document.querySelectorAll('.marks path')].map(p => p.getAttribute('d')).join()")
        box = await page.evaluate("(r => [r.x, r.y])(document.querySelector('.marks').getBoundingClientRect())")
        assert f"M{a[0] - box[0]:.1f} {a[1] - box[1]:.1f}L{b[0] - box[0]:.1f} {b[1] - box[1]:.1f}" in path
        await page.keyboard.press("Escape")
        if flipped and rotation:
            await browser.screenshot("marks-turned")
    assert browser.problems == []
