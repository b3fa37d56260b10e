"""Which tiles the viewer asks for, and that all it shows is there and in its place: by a slow S3, and while the view races."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from tests.samples import ensure_samples
from tests.support.browser import DRAWN, FRAME, PATIENCE, WITH_GRAPHICS, Browser
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.in_process import Running, running, wait_indexed
from tests.support.oracle import Pixels
from tests.support.s3server import Bucket
from tests.support.screen import BARE, pixels_of, screen_once
from tests.support.tiffs import picture, written

SLIDE = "synthetic-he.svs"
WIDTH, HEIGHT, TILE = 20992, 20224, 256
LEVELS = (1, 4, 16, 32)
ROUND_TRIP = 0.02

_NOTED = """
    window.asked = [];
    window.hints = 0;
    const fetchOf = window.fetch;
    window.fetch = (url, options) => {
        if (/[/]prefetch/.test(url)) window.hints++;
        const tile = /[/]tiles[/][^/]+[/](\\d+)[/](\\d+)[/](\\d+)[.]jpg/.exec(url);
        const view = window.wsiViewer?.viewport.getBounds(true);
        if (tile && view) {
            const noted = {tile: tile.slice(1).map(Number), view: [view.x, view.y, view.width, view.height],
                           priority: options.priority, aborted: false};
            options.signal.addEventListener("abort", () => { noted.aborted = !noted.done; });
            window.asked.push(noted);
            return fetchOf(url, options).then(answer => {
                noted.done = true;
                // Whole once the page has done with the body what it does at once.
                const blob = () => Response.prototype.blob.call(answer);
                answer.blob = () => blob().then(all => { setTimeout(() => { noted.whole = true; }); return all; });
                return answer;
            });
        }
        return fetchOf(url, options);
    };
"""
"""Each request for a tile with what was on the screen when it was made."""
_RACE = """async () => {
    const v = window.wsiViewer.viewport, wait = ms => new Promise(resolve => setTimeout(resolve, ms));
    const place = (x, y) => v.panTo(v.imageToViewportCoordinates(x, y), true);
    window.asked = [];
    for (let step = 0; step <= 30; step++) {
        place(3000 + step * 480, 4000 + 5000 * Math.sin(step / 10));
        await wait(30);
    }
    const to = v.viewportToImageCoordinates(v.getCenter());
    place(Math.round(to.x), Math.round(to.y));
}"""
_AT_FULL_SIZE = "{ const v = window.wsiViewer.viewport; v.zoomTo(v.imageToViewportZoom(1), null, true) }"
_CORNER = """(() => {
    const viewer = window.wsiViewer, rect = viewer.element.getBoundingClientRect();
    const at = viewer.viewport.viewerElementToImageCoordinates(viewer.viewport.getCenter().times(0));
    return [at.x, at.y, rect.x, rect.y, rect.width, rect.height];
})()"""


@pytest.fixture
async def services(bucket: Bucket, database_url: str, fault_proxy: FaultProxy) -> AsyncIterator[Running]:
    bucket.put(SLIDE, ensure_samples() / SLIDE)
    async with running(database_url, bucket.name, fault_proxy.endpoint) as found:
        await wait_indexed(found.catalog, 1)
        fault_proxy.latency = ROUND_TRIP
        yield found


async def open_slide(services: Running, browser: Browser) -> None:
    row = (await services.catalog.listing.page(limit=1)).rows[0]
    await browser.page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)


def region_of(path: Path, x: int, y: int, width: int, height: int) -> Pixels:
    """Of the finest level, by tifffile, which decodes only its tiles."""
    left, top = x // TILE, y // TILE
    columns, rows = (x + width - 1) // TILE - left + 1, (y + height - 1) // TILE - top + 1
    found = np.zeros((rows * TILE, columns * TILE, 3), np.uint8)
    with tifffile.TiffFile(path) as tiff:
        page: Any = tiff.pages[0]
        for row in range(rows):
            for column in range(columns):
                index = (top + row) * -(-WIDTH // TILE) + left + column
                tiff.filehandle.seek(page.dataoffsets[index])
                data = tiff.filehandle.read(page.databytecounts[index])
                tile = page.decode(data, index, jpegtables=page.jpegtables)[0]
                found[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE] = tile[0]
    return found[y - top * TILE :, x - left * TILE :][:height, :width]


def off_by_block(shown: Pixels, oracle: Pixels) -> Pixels:
    """How far each square of 32 pixels is from what it should be, 0 to 255."""
    height, width = oracle.shape[0] // 32, oracle.shape[1] // 32
    difference = np.abs(shown.astype(int) - oracle).mean(axis=2)[: height * 32, : width * 32]
    found: Pixels = difference.reshape(height, 32, width, 32).mean(axis=(1, 3))
    return found


def tiles_off(asked: dict[str, Any]) -> int:
    """How many tiles of its own level a tile lay beyond the screen's edge when it was asked for; 0 on the screen."""
    level, *place = asked["tile"]
    x, y, width, height = asked["view"]
    off = 0
    # the slide's width is 1, in both directions
    for at, begin, size in zip(place, (x, y), (width, height), strict=True):
        in_tiles = WIDTH / LEVELS[level] / TILE
        first, last = int(max(0, begin) * in_tiles // 1), int((begin + size) * in_tiles // 1)
        off = max(off, first - at, at - last)
    return off


async def test_a_racing_view_asks_for_little_in_vain_and_shows_all_where_it_ends(
    services: Running, fault_proxy: FaultProxy, browser: Browser
) -> None:
    page = browser.page
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.failure or ""))
    await page.add_init_script(_NOTED)
    await open_slide(services, browser)
    await page.evaluate(BARE)
    await page.evaluate(_AT_FULL_SIZE)
    cancelled: list[dict[str, Any]] = []
    for slowness in (0.5, 1, 2, 4, 8):  # of S3, until the view is the faster one, however busy the machine is
        fault_proxy.latency = slowness
        await page.evaluate(_RACE)
        fault_proxy.latency = ROUND_TRIP
        await page.evaluate(FRAME)  # one that knows of the last step
        await browser.until(DRAWN)
        asked = await page.evaluate("window.asked")
        assert max(map(tiles_off, asked)) <= 1, "nothing further off than the ring"
        cancelled += [one for one in asked if one["aborted"]]
        if len({tuple(one["view"]) for one in asked}) > 5 and len(cancelled) > 5:
            break
    else:
        pytest.fail(f"{len(cancelled)} downloads were given up")
    async with asyncio.timeout(PATIENCE):
        # The last byte of one may have come while the page gave it up.
        while failed.count("net::ERR_ABORTED") * 2 < len(cancelled):  # noqa: ASYNC110 - the browser can't wake us
            await asyncio.sleep(0.05)

    x, y, left, top, width, height = map(round, await page.evaluate(_CORNER))
    oracle = region_of(ensure_samples() / SLIDE, x, y, width, height)
    assert oracle.std() > 10, "there is tissue there"

    def off(screen: Pixels) -> Pixels:
        return off_by_block(screen[top : top + height, left : left + width], oracle)

    shown = await screen_once(browser, "raced", lambda screen: bool(off(screen).max() < 3))
    assert off(shown).max() < 3, "no blank area, not even a small one"
    assert browser.problems == []
    assert await page.evaluate("document.querySelector('#notice').hidden")


async def test_the_next_ring_comes_while_nothing_moves_and_is_not_asked_for_again(
    services: Running, browser: Browser
) -> None:
    page = browser.page
    await page.add_init_script(_NOTED)
    await open_slide(services, browser)
    await page.evaluate(_AT_FULL_SIZE)
    await page.evaluate(FRAME)
    await browser.until(DRAWN)
    wanted = "window.asked.filter(one => one.priority !== 'low' && one.tile[0] === 0)"
    seen = {tuple(one["tile"]) for one in await page.evaluate(wanted)}
    columns, rows = ({tile[axis] for tile in seen} for axis in (1, 2))
    size = (max(columns) - min(columns) + 3) * (max(rows) - min(rows) + 3)
    low = "window.asked.filter(one => one.priority === 'low' && one.tile[0] === 0 && one.whole)"
    await browser.until(f"{low}.length >= {size - len(seen)}")
    # What lies under it in coarser levels comes after it, and each begins before the one before counts as whole.
    await browser.until("window.asked.every(one => one.priority !== 'low' || one.whole || one.aborted)")
    ring = await page.evaluate(low)
    assert {tiles_off(one) for one in ring} == {1}
    assert len({tuple(one["tile"]) for one in ring} | seen) == size

    await page.evaluate("{ window.asked = []; window.hints = 0; window.loaded = 0 }")
    await page.evaluate("window.wsiViewer.addHandler('tile-loaded', () => { window.loaded++ })")
    await page.evaluate("{ const v = window.wsiViewer.viewport, at = v.getCenter(); "
                        f"at.x += {TILE / WIDTH}; at.y += {TILE / WIDTH}; v.panTo(at, true); }}")  # fmt: skip
    await page.evaluate(FRAME)
    await browser.until(DRAWN)
    assert await page.evaluate("window.loaded") >= len(columns) + len(rows) - 1
    assert await page.evaluate("window.asked.filter(one => one.priority !== 'low')") == []
    assert await page.evaluate("window.hints") == 0
    again = {tuple(one["tile"]) for one in await page.evaluate("window.asked")}
    assert not again & seen
    assert not again & {tuple(one["tile"]) for one in ring}
    assert browser.problems == []


async def test_while_s3_fails_the_page_says_so_and_then_all_tiles_come(
    services: Running, fault_proxy: FaultProxy, browser: Browser
) -> None:
    page = browser.page
    await open_slide(services, browser)
    await page.evaluate(BARE)
    kinds = (Fault(status=503), Fault(reset=True), Fault(cut_body=700))
    fault_proxy.applies_to = lambda seen: seen.method == "GET" and "list-type" not in seen.target
    fault_proxy.faults += [replace(kinds[i % 3]) for i in range(3_000)]
    await page.evaluate(_AT_FULL_SIZE)
    await browser.until("document.querySelector('#notice').innerText.includes('late')")
    await browser.screenshot("tiles-late-by-s3")
    assert not await page.evaluate(DRAWN)
    fault_proxy.faults.clear()
    await browser.until("document.querySelector('#notice').hidden")
    await browser.until(DRAWN)
    x, y, left, top, width, height = map(round, await page.evaluate(_CORNER))
    oracle = region_of(ensure_samples() / SLIDE, x, y, width, height)

    def off(screen: Pixels) -> float:
        return float(np.median(off_by_block(screen[top : top + height, left : left + width], oracle)))

    assert off(await screen_once(browser, "tiles-late-came", lambda screen: off(screen) < 6)) < 6, (
        "in its place, if not on whole pixels"
    )
    tiles = (
        "Object.values(window.wsiViewer.world.getItemAt(0).tilesMatrix).flatMap(Object.values).flatMap(Object.values)"
    )
    assert await page.evaluate(f"{tiles}.every(t => t.exists)")


async def test_a_lost_graphics_context_is_no_blank_screen(services: Running, browser: Browser) -> None:
    page = browser.page
    await page.add_init_script(WITH_GRAPHICS)
    await open_slide(services, browser)
    await page.evaluate(BARE)
    assert await page.evaluate("window.wsiViewer.drawer.getType()") == "webgl"
    before = pixels_of(await browser.screenshot("context-before"))
    assert await page.evaluate(
        """(async () => {
            const drawer = window.wsiViewer.drawer;
            const gl = Object.values(drawer).map(one => one?.getContext?.("webgl2") ?? one?.getContext?.("webgl"))
                .find(one => one?.getExtension);
            gl.getExtension("WEBGL_lose_context").loseContext();
            await new Promise(done => setTimeout(done, 100));
            window.wsiViewer.forceRedraw();
            return gl.isContextLost();
        })()"""
    )

    def is_back(after: Pixels) -> bool:
        return bool(np.abs(after.astype(int) - before).mean() < 1)

    assert is_back(await screen_once(browser, "context-after", is_back))
    await page.evaluate(
        "{ const v = window.wsiViewer.viewport, to = v.getCenter(); to.x += 0.3; v.panTo(to, true).zoomBy(4, null, true) }"
    )
    await page.evaluate(FRAME)
    await browser.until(DRAWN)

    def has_tissue(screen: Pixels) -> bool:
        return bool(screen[100:, 100:1100].std() > 10)

    assert has_tissue(await screen_once(browser, "context-zoomed", has_tissue)), browser.problems


def dark_box(screen: Pixels) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is dark below the bar; a point where nothing is."""
    dark = np.argwhere(screen[60:, :, [0, 2]].max(axis=2) < 40)
    if len(dark) == 0:
        return 0, 0, 1, 1
    (top, left), (bottom, right) = dark.min(axis=0), dark.max(axis=0)
    return int(left), int(top) + 60, int(right) + 1, int(bottom) + 61


def _is_as_tall(screen: Pixels, expected: object) -> bool:
    left, top, right, bottom = dark_box(screen)
    return bool((bottom - top) / (right - left) == expected)


async def test_pixels_that_are_not_square_are_drawn_as_they_are(
    bucket: Bucket, database_url: str, browser: Browser
) -> None:
    finest = picture(1200, 900) // 2 + 127
    finest[300:500, 400:600] = 0
    levels = [finest, finest[::4, ::4].copy()]
    tile = {"compression": "jpeg", "photometric": "ycbcr", "tile": (256, 256)}
    bucket.put("tall.tif", written(levels, resolution=(20000, 10000), resolutionunit=3, **tile))
    bucket.put("wide.tif", written(levels, resolution=(10000, 20000), resolutionunit=3, **tile))
    page = browser.page
    async with running(database_url, bucket.name, bucket.server.endpoint) as services:
        await wait_indexed(services.catalog, 2)
        for name, aspect in (("tall.tif", 2.0), ("wide.tif", 0.5)):
            row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
            await page.goto(f"{services.url}/view/{row.id}")
            await browser.until(DRAWN)
            await page.evaluate(BARE)
            for degrees, flipped in ((0, False), (90, False), (0, True), (90, True)):
                await page.evaluate(
                    """([degrees, flipped]) => {
                        const v = window.wsiViewer.viewport;
                        v.setRotation(degrees, true).setFlip(flipped).goHome(true);
                    }""",
                    [degrees, flipped],
                )
                await page.evaluate(FRAME)
                await browser.until(DRAWN)
                expected = pytest.approx(aspect if degrees == 0 else 1 / aspect, rel=0.06)
                screen = await screen_once(
                    browser, f"pixels-{name}-{degrees}-{flipped}", partial(_is_as_tall, expected=expected)
                )
                left, top, right, bottom = dark_box(screen)
                assert (bottom - top) / (right - left) == expected
                # The square's middle, by the pane's own word.
                middle = [(left + right) / 2, (top + bottom) / 2]
                at = await page.evaluate(_TO_SLIDE, middle)
                assert at["slide"] == pytest.approx([500, 400], abs=6)
                assert at["back"] == pytest.approx(middle, abs=0.01)
        assert browser.problems == []


_TO_SLIDE = """([x, y]) => {
    const pane = window.wsiWorkspace.panes[0], rect = pane.element.getBoundingClientRect();
    const slide = pane.toSlide({x: x - rect.x, y: y - rect.y}), back = pane.toScreen(slide);
    return {slide: [slide.x, slide.y], back: [back.x + rect.x, back.y + rect.y]};
}"""
