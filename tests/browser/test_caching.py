"""What a real browser keeps: panning back costs no request, in our viewer and in plain Deep Zoom readers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import DRAWN, SPARING, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.needs import missing
from tests.support.s3server import Bucket
from tests.support.tiffs import picture, written
from wsi_streamer.access.signed_links import SignedLinks

KEY = "case 7/slide.tif"
SECRET = "a secret for tests"
SIGNED: dict[str, Any] = {"auth_enabled": True, "auth_secret": SECRET}
OPENSEADRAGON = Path(__file__).parents[2] / "services/viewer/node_modules/openseadragon/build/openseadragon"

_LOOK_AT = """async ([x, y]) => {
    const viewer = window.wsiViewer, view = viewer.viewport;
    view.zoomTo(view.imageToViewportZoom(1), null, true);
    view.panTo(view.imageToViewportCoordinates(x, y), true);
    viewer.forceRedraw();
    await new Promise(drawn => viewer.addOnceHandler("update-viewport", drawn));
}"""
"""Returns once it knows which tiles are missing."""
_FORGET = """() => {
    window.loaded = 0;
    window.wsiViewer.addHandler("tile-loaded", () => window.loaded++);
    window.wsiViewer.world.resetItems();
}"""
"""OpenSeadragon's own memory: what it draws after that comes from the browser's cache, or from the server."""


def tiles_served(services: Running) -> int:
    """Requests for tiles that reached the server, native and Deep Zoom (whose descriptor is counted with them)."""
    return int(
        sum(
            sample.value
            for family in services.metrics.requests.collect()
            for sample in family.samples
            if sample.name.endswith("_total") and sample.labels["route"] in ("tile", "slides")
        )
    )


async def look_at(browser: Browser, x: int, y: int) -> None:
    await browser.page.evaluate(_LOOK_AT, [x, y])
    await browser.until(DRAWN)


async def pan_there_and_back(browser: Browser, services: Running) -> None:
    """Left, right, left again, with all tiles drawn each time.

    Raises:
        AssertionError: the second look at the left cost a request, or the first look to the right none.
    """
    page = browser.page
    await browser.until(DRAWN)
    await look_at(browser, 640, 400)
    at_left = tiles_served(services)
    await look_at(browser, 3200, 2000)
    at_right = tiles_served(services)
    assert at_right > at_left + 8
    await look_at(browser, 640, 400)
    assert tiles_served(services) == at_right
    await page.evaluate(_FORGET)
    await look_at(browser, 640, 400)
    assert await page.evaluate("window.loaded") > 8, "the page did ask its browser"
    assert tiles_served(services) == at_right, "and the browser asked nobody"


@pytest.fixture
def slides(bucket: Bucket) -> Bucket:
    finest = picture(4000, 2600)
    levels = [finest, finest[::4, ::4].copy()]
    bucket.put(KEY, written(levels, compression="jpeg", photometric="ycbcr", tile=(256, 256)))
    return bucket


@pytest.mark.parametrize("options", [{}, SIGNED], ids=["open", "signed"])
async def test_panning_back_in_the_viewer_costs_no_request(
    options: dict[str, Any], slides: Bucket, database_url: str, browser: Browser
) -> None:
    async with running(database_url, slides.name, slides.server.endpoint, **options) as services:
        await wait_indexed(services.catalog, 1)
        row = (await services.catalog.listing.page(limit=1)).rows[0]
        view = f"/view/{row.id}"
        if options:
            view = SignedLinks((SECRET.encode(),)).sign_url(view, {}, int(time.time()) + 600)
        await browser.page.add_init_script(SPARING)
        await browser.page.goto(services.url + view)
        await pan_there_and_back(browser, services)
        assert browser.problems == []


@pytest.mark.parametrize("options", [{}, SIGNED | {"cors_origins": ("*",)}], ids=["open", "signed"])
async def test_plain_deep_zoom_readers_get_versioned_tiles_from_the_url_that_metadata_tells(
    options: dict[str, Any], slides: Bucket, database_url: str, browser: Browser
) -> None:
    if not OPENSEADRAGON.exists():
        missing("OpenSeadragon: make viewer")
    page = browser.page
    async with running(database_url, slides.name, slides.server.endpoint, **options) as services:
        await wait_indexed(services.catalog, 1)
        row = (await services.catalog.listing.page(limit=1)).rows[0]
        exp = int(time.time()) + 600
        token = f"exp={exp}&vt={SignedLinks((SECRET.encode(),)).viewer_token(KEY, exp)}"
        metadata = (await services.http.get(f"/slides/{row.id}?{token}")).json()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.add_script_tag(path=OPENSEADRAGON / "openseadragon.js")
        await page.evaluate(
            """url => {
                document.body.innerHTML = '<div id="v" style="width: 1200px; height: 700px"></div>';
                window.wsiViewer = OpenSeadragon({id: "v", tileSources: url, drawer: "canvas",
                    crossOriginPolicy: "Anonymous", showNavigationControl: false});
            }""",
            services.url + metadata["dzi_url"] + (f"&{token}" if options else ""),
        )
        await pan_there_and_back(browser, services)
        tiles = [url for url in asked if "_files/" in url]
        assert len(tiles) > 8
        assert all(f"v={metadata['version']}" in url for url in tiles)
        answer = await services.http.get(tiles[-1])
        assert answer.headers["cache-control"] == (
            "private, max-age=240" if options else "public, max-age=31536000, immutable"
        )
