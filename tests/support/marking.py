"""Marks on a slide, as a user makes them and as the browser keeps them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.browser import DRAWN, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"
MPP = 0.499
"""µm a pixel of level 0 of it, both ways."""
NO_SCALE = "tcga-cr-7395-01a-01-ts1.svs"
"""Of unknown scale."""

_LABELS = "[...document.querySelectorAll('.mark-labels text')].map(text => text.textContent)"
STORED = """
    new Promise((done, failed) => {
        const open = indexedDB.open("wsi-streamer-marks", 1);
        open.onerror = failed;
        open.onsuccess = () => {
            const all = open.result.transaction("marks").objectStore("marks").getAll();
            all.onsuccess = () => { open.result.close(); done(all.result.map(one => one.mark)); };
        };
    })
"""
_HAS_ITS_SIZE = """(({clientWidth, clientHeight}, {x, y}) => clientWidth === x && clientHeight === y)(
    window.wsiViewer.container, window.wsiViewer.viewport.getContainerSize())"""
"""The picture follows a panel that has opened in its next frame."""

Place = tuple[float, float]
Marks = list[dict[str, Any]]


@pytest.fixture(name="services")
async def marked_services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    bucket.put(NO_SCALE, real_slide(NO_SCALE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 2)
        yield found


async def show(services: Running, browser: Browser, name: str) -> None:
    row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
    await browser.page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)


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
    await browser.until(
        f"Math.abs(window.wsiViewer.viewport.viewportToImageZoom("
        f"window.wsiViewer.viewport.getZoom(true)) - {zoom}) < 1e-9"
    )


async def on_screen(browser: Browser, x: float, y: float) -> Place:
    """Where a place of the slide is on the page; while the picture is not mirrored."""
    await browser.until(_HAS_ITS_SIZE)
    found: Place = await browser.page.evaluate(
        """([x, y]) => {
            const OSD = window.wsiViewer.viewport, box = window.wsiViewer.element.getBoundingClientRect();
            const at = OSD.pixelFromPoint(OSD.imageToViewportCoordinates(x, y), true);
            return [box.x + at.x, box.y + at.y];
        }""",
        [x, y],
    )
    return found


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
    await browser.until(f"{STORED}.then(all => all.length === {count})")
    found: Marks = await browser.page.evaluate(STORED)
    return sorted(found, key=lambda mark: (mark["created"], mark["id"]))


async def of_kind(browser: Browser, kind: str, condition: str) -> Marks:
    """The kept marks of a kind, once `condition` holds for one of them."""
    found = f"{STORED}.then(all => all.filter(mark => mark.kind === '{kind}' && mark.{condition}))"
    await browser.until(f"{found}.then(all => all.length > 0)")
    marks: Marks = await browser.page.evaluate(found)
    return marks


def microns(text: str) -> float:
    found = re.search(r"([\d.,]+)\s(µm|mm)$", text)
    assert found is not None, text
    return float(found[1].replace(",", "")) * (1000 if found[2] == "mm" else 1)
