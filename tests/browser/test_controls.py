"""The slide view's controls: magnification, turning, keys, picture, fingers, and the panel about the slide."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.browser import DRAWN, WITH_GRAPHICS, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.oracle import Pixels
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"
PLAIN = "rgbsmall_LZW_tiled.tif"
"""Of unknown scale."""

_CALM = "window.wsiViewer.viewport.getZoom(true) === window.wsiViewer.viewport.getZoom(false)"
_PER_PIXEL = (
    "0.499 / window.wsiViewer.viewport.viewportToImageZoom(window.wsiViewer.viewport.getZoom()) / devicePixelRatio"
)
_TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
_READOUT = "document.querySelector('.readout').textContent"
_ROTATION = "window.wsiViewer.viewport.getRotation()"
_FLIPPED = "window.wsiViewer.viewport.getFlip()"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    bucket.put(PLAIN, real_slide(PLAIN))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 2)
        yield found


async def open_slide(services: Running, browser: Browser, name: str = SLIDE) -> str:
    row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
    await browser.page.goto(f"{services.url}/view/{row.id}")
    await browser.until(DRAWN)
    return row.id


async def at_rest(browser: Browser) -> None:
    """Until no frame moves the picture any more."""
    await browser.until("!window.wsiViewer.isAnimating()")
    await browser.steady("(v => JSON.stringify([v.getCenter(true), v.getZoom(true), v.getRotation(true)]))"
                         "(window.wsiViewer.viewport)")  # fmt: skip
    await browser.until("!window.wsiViewer.isAnimating()")


async def test_magnifications_are_objective_powers(services: Running, browser: Browser) -> None:
    page = browser.page
    await open_slide(services, browser)
    for key, power in (("4", 10), ("5", 20), ("6", 40)):
        await page.keyboard.press(key)
        await browser.until(f"{_CALM} && {_READOUT} === '{power}.0x'")
        assert abs(await page.evaluate(_PER_PIXEL) / (10 / power) - 1) < 0.001
    await browser.screenshot("controls-40x")
    assert "resolution" in (await page.get_attribute(".readout", "title") or ""), "there is nothing more to see"
    await page.keyboard.press("7")
    await browser.until(f"{_CALM} && {_READOUT} === '20.0x'")
    assert abs(await page.evaluate(_PER_PIXEL) - 0.499) < 1e-6
    # The menu, by keys alone.
    await page.focus(".readout")
    await page.keyboard.press("Enter")
    menu = page.get_by_role("menu")
    steps = [
        re.sub(r"\s.*", "", line, flags=re.DOTALL) for line in await menu.get_by_role("menuitemradio").all_inner_texts()
    ]
    assert steps == ["1x", "2x", "5x", "10x", "20x", "40x", "1:1", "Fit"]
    assert await page.evaluate("document.activeElement.getAttribute('aria-checked')") == "true"
    assert await menu.get_by_role("menuitemradio").first.is_disabled(), "smaller than it may be"
    await browser.screenshot("controls-magnifications")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await browser.until(f"{_CALM} && {_READOUT} !== '20.0x'")
    assert await page.evaluate("document.activeElement.classList.contains('readout')"), "back to where it was opened"
    assert await page.locator(".readout").get_attribute("aria-expanded") == "false"
    await open_slide(services, browser, PLAIN)
    await page.keyboard.press("5")
    await browser.until(f"{_CALM} && {_READOUT} === '100%'")
    assert await page.locator(".scale").is_hidden(), "no length without a scale"
    await page.click(".readout")
    assert "unknown" in await menu.inner_text()
    assert browser.problems == []


async def test_turning_keeps_the_scale(services: Running, browser: Browser) -> None:
    page = browser.page
    await open_slide(services, browser)
    await page.keyboard.press("4")
    await browser.until(f"{_CALM} && {_READOUT} === '10.0x'")
    bar = "[document.querySelector('.scale').textContent, document.querySelector('.scale').offsetWidth].join()"
    before = await page.evaluate(bar)
    assert before.startswith("100 µm,")
    for key, rotation in (("r", 90), ("r", 180), ("Shift+R", 90)):
        await page.keyboard.press(key)
        await browser.until(f"{_ROTATION} === {rotation}")
    await page.keyboard.press("v")
    await browser.until(_FLIPPED)
    assert await page.get_attribute("#flip", "aria-pressed") == "true"
    await page.click(".angle")
    await page.get_by_role("slider", name="Angle").fill("33")
    await browser.until("document.querySelector('.angle').textContent === '33°'")
    assert await page.evaluate(_ROTATION) == -33, "what is mirrored turns the other way"
    await browser.until(DRAWN)
    await browser.screenshot("controls-turned")
    assert await page.evaluate(bar) == before
    await page.get_by_role("button", name="Upright").click()
    await browser.until(f"!{_FLIPPED} && {_ROTATION} === 0")
    await page.keyboard.press("Escape")
    assert await page.locator(".popup:visible").count() == 0
    # A panel takes room, no magnification.
    await page.keyboard.press("b")
    await browser.until("document.querySelector('.stage').offsetWidth < innerWidth - 200")
    await browser.until(f"{_READOUT} === '10.0x'")
    assert await page.evaluate(bar) == before
    assert browser.problems == []


async def test_a_turned_picture_is_the_same_from_both_drawers(services: Running, browser: Browser) -> None:
    """OpenSeadragon's shader alone took half of some turned tiles from other tiles."""
    shown: list[Pixels] = []
    for drawer in ("canvas", "webgl"):
        if drawer == "webgl":
            await browser.page.add_init_script(WITH_GRAPHICS)
        await open_slide(services, browser)
        assert await browser.page.evaluate("window.wsiViewer.drawer.getType()") == drawer
        await browser.page.keyboard.press("4")
        await at_rest(browser)
        await browser.page.evaluate("window.wsiViewer.viewport.setRotation(-33, true)")
        await at_rest(browser)
        await browser.until(DRAWN)
        await at_rest(browser)
        png = await browser.screenshot(f"controls-turned-{drawer}")
        picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[60:740, 40:900].astype(float)
        shown.append(picture.reshape(34, 20, 43, 20, 3).mean(axis=(1, 3)))
    # Each smooths in its own way, which means over 20 x 20 pixels don't show: theirs differ by some 10, another tile's by 150.
    assert np.abs(shown[0] - shown[1]).max() < 50


async def test_everything_is_done_by_keys(services: Running, browser: Browser) -> None:
    page = browser.page
    await page.emulate_media(reduced_motion="reduce")
    await open_slide(services, browser)
    assert await page.evaluate("window.wsiViewer.animationTime") == 0
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await browser.screenshot("controls-skip")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.className") == "openseadragon-canvas"
    assert await page.evaluate("location.hash") == "", "the fragment is the place's"
    zoom, center = "window.wsiViewer.viewport.getZoom()", "window.wsiViewer.viewport.getCenter()"
    home = await page.evaluate(zoom)
    await page.keyboard.press("+")
    assert abs(await page.evaluate(zoom) / home - 2) < 1e-6
    # Letters are the page's, not OpenSeadragon's: these move nothing, and what is f is the whole screen alone.
    place = await page.evaluate(f"JSON.stringify([{zoom}, {center}])")
    await page.keyboard.press("q")
    await page.keyboard.press("j")
    await page.keyboard.press("u")
    assert await page.evaluate(f"JSON.stringify([{zoom}, {center}])") == place
    await page.keyboard.press("f")
    await browser.until("document.fullscreenElement !== null")
    assert not await page.evaluate(_FLIPPED)
    await page.keyboard.press("f")
    await browser.until("document.fullscreenElement === null")
    for key, axis, sign in (
        ("ArrowRight", "x", 1),
        ("ArrowLeft", "x", -1),
        ("ArrowDown", "y", 1),
        ("ArrowUp", "y", -1),
    ):
        for focus in ("document.activeElement.blur()", "window.wsiViewer.canvas.focus()"):
            await page.evaluate(focus)
            await at_rest(browser)
            before = await page.evaluate(f"{center}.{axis}")
            await page.keyboard.press(key)
            await browser.until(f"({center}.{axis} - {before}) * {sign} > 0")
    await page.keyboard.press("h")
    await browser.until(f"Math.abs({zoom} / {home} - 1) < 1e-6")
    shown = "!document.querySelector('.navigator').hidden"
    assert await page.evaluate(shown)
    await page.keyboard.press("n")
    assert not await page.evaluate(shown)
    await page.keyboard.press("n")
    assert await page.evaluate(shown)
    # A toolbar is one stop; arrows move in it.
    await page.focus("#zoom-in")
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate("document.activeElement.id") == "home"
    assert await page.locator(".move-tools button[tabindex='0']").count() == 1
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys and gestures")
    listed = await dialog.inner_text()
    for said in ("Move left", "Magnification 20x", "Turn left by 90°", "Mirror", "Whole slide", "Overview", "Twist"):
        assert said in listed
    await browser.screenshot("controls-keys")
    await page.keyboard.press("r")
    assert await page.evaluate(_ROTATION) == 0, "the page below rests"
    await page.keyboard.press("Escape")
    assert await dialog.count() == 0
    assert await page.title() == SLIDE
    assert browser.problems == []


def shown_values(brightness: float, contrast: float, gamma: float) -> Pixels:
    """What each stored value becomes, in the panel's own units."""
    curved = (np.arange(256) / 255) ** (1 / gamma)
    shown = (curved - 0.5) * 2 ** (contrast / 50) + 0.5 + brightness / 100
    return np.asarray(np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8))


async def test_the_picture_is_adjusted_and_nothing_else(services: Running, browser: Browser) -> None:
    page = browser.page
    await open_slide(services, browser)
    await page.keyboard.press("b")
    await page.keyboard.press("7")
    await browser.until(f"{_CALM} && {DRAWN} && {_READOUT} === '20.0x'")

    async def picture() -> Pixels:
        """In the middle, where nothing lies over it."""
        clip: Any = {"x": 200, "y": 200, "width": 400, "height": 400}
        png = await page.screenshot(clip=clip)
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    async def unmoving() -> Pixels:
        last = await picture()
        while True:
            now = await picture()
            if np.array_equal(last, now):
                return now
            last = now

    stored = await unmoving()
    assert stored.std() > 20
    filtered = "window.wsiViewer.drawer.canvas.style.filter"
    assert await page.evaluate(filtered) == ""
    for brightness, contrast, doublings in ((20, 0, 0.0), (-15, 30, 0.0), (0, -40, 1.0), (5, 10, -0.7)):
        for name, value in (("Brightness", brightness), ("Contrast", contrast), ("Gamma", doublings)):
            await page.get_by_role("slider", name=name).fill(str(value))
        expected = shown_values(brightness, contrast, 2**doublings)[stored]
        difference = np.abs((await unmoving()).astype(int) - expected)
        assert difference.max() <= 2, (brightness, contrast, doublings, difference.max())
    await browser.screenshot("controls-picture")
    assert await page.locator(".chip").is_visible(), "colours that are not the slide's say so"
    assert "filter" not in await page.evaluate("getComputedStyle(document.querySelector('.pane-layer')).filter")
    await page.click(".chip")
    assert await page.evaluate(filtered) == "", "no filter at all, so that no rounding touches the colours"
    assert await page.get_by_role("slider", name="Brightness").input_value() == "0"
    assert np.array_equal(await unmoving(), stored)
    assert browser.problems == []


async def test_the_panel_tells_what_the_server_knows(services: Running, browser: Browser) -> None:
    page = browser.page
    ident = await open_slide(services, browser)
    told = (await services.http.get(f"/slides/{ident}")).json()
    assert [(level["compression"], level["passthrough"]) for level in told["levels"]] == [("JPEG", True)]
    await page.focus("#info")
    await page.keyboard.press("i")
    panel = page.get_by_role("complementary", name="Slide information")
    text = re.sub(r"\s+", " ", await panel.inner_text())
    for said in (
        SLIDE, told["format"], "2,220 × 2,967 px", "1.11 × 1.48 mm", "0.499 µm", f"{told['objective']:g}x", "JPEG", "130",
        f"Properties ({len(told['properties'])})",
    ):  # fmt: skip
        assert said in text, said
    level = told["levels"][0]
    assert f"{level['tile_width']} × {level['tile_height']}" in text
    images = told["associated_images"]
    assert await panel.locator("figure").count() == len(images) > 0
    await browser.until("[...document.querySelectorAll('figure img')].every(i => i.naturalWidth > 0)")
    await panel.locator("summary").click()
    await panel.get_by_role("searchbox").fill("APPMAG")
    assert await panel.locator("details dd").all_inner_texts() == [told["properties"]["aperio.AppMag"]]
    await browser.screenshot("controls-info")
    await panel.locator("figure button").first.click()
    await browser.until("document.querySelector('.image-sheet img')?.naturalWidth > 256")
    await browser.screenshot("controls-image")
    await page.keyboard.press("Escape")
    assert browser.problems == []
    # An image that can't be had says so, in the sheet too.
    await page.route("**/associated-images/**", lambda route: route.abort())
    await panel.locator("figure button").first.click()
    await browser.until("document.querySelector('.image-sheet')?.textContent.includes(\"can't be shown\")")
    await page.keyboard.press("Escape")
    await panel.get_by_role("button", name="Close").click()
    assert await panel.count() == 0
    assert await page.evaluate("document.activeElement.id") == "info"


async def test_fingers_and_pen(services: Running, browser: Browser) -> None:
    page = browser.page
    await page.set_viewport_size({"width": 360, "height": 740})
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    await open_slide(services, browser)
    zoom = "window.wsiViewer.viewport.getZoom(true)"

    async def two(kind: str, distance: float, degrees: float) -> None:
        x, y = distance * np.cos(np.radians(degrees)), distance * np.sin(np.radians(degrees))
        points = [{"x": 180 + x, "y": 400 + y, "id": 1}, {"x": 180 - x, "y": 400 - y, "id": 2}]
        await cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if kind != "touchEnd" else []})

    async def gesture(distances: tuple[float, float], degrees: tuple[float, float]) -> None:
        await two("touchStart", distances[0], degrees[0])
        for step in np.linspace(0, 1, 12):
            await two("touchMove", *(low + (high - low) * step for low, high in (distances, degrees)))
        await two("touchEnd", 0, 0)

    home = await page.evaluate(zoom)
    await gesture((40, 100), (0, 5))
    await browser.until(f"{_CALM} && {zoom} > {home} * 2")
    assert await page.evaluate(zoom) < home * 3
    assert await page.evaluate(_ROTATION) == 0, "hands turn a little whenever they pinch"
    await gesture((80, 80), (0, 60))
    await browser.until(f"{_ROTATION} > 35 && {_ROTATION} < 55")
    await browser.until("parseInt(document.querySelector('.angle').textContent) > 35")
    await browser.screenshot("controls-twisted")
    await page.click(".angle")
    await page.get_by_role("button", name="Upright").click()
    await page.keyboard.press("Escape")
    await browser.until(f"{_ROTATION} === 0")
    await page.keyboard.press("h")
    await browser.until(f"{_CALM} && {_ROTATION} === 0 && Math.abs({zoom} / {home} - 1) < 1e-6")
    tap = ({"type": "touchStart", "touchPoints": [{"x": 180, "y": 400}]}, {"type": "touchEnd", "touchPoints": []})
    await browser.steady(zoom)
    for _ in range(20):
        # All on their way at once: two taps are one gesture only within 0.3 s, which a busy machine may miss.
        await asyncio.gather(*(cdp.send("Input.dispatchTouchEvent", event) for event in tap * 2))
        if await browser.steady(zoom) > home * 1.5:
            break
    assert await page.evaluate(zoom) > home * 1.5
    # A pen drags as a mouse does.
    center = await page.evaluate("window.wsiViewer.viewport.getCenter().y")
    for kind, y in (("mousePressed", 400), ("mouseMoved", 380), ("mouseMoved", 300), ("mouseReleased", 300)):
        event = {"type": kind, "x": 180, "y": y, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
        await cdp.send("Input.dispatchMouseEvent", event)
    await browser.until(f"window.wsiViewer.viewport.getCenter().y > {center} + 0.05")
    assert browser.problems == []


async def test_both_themes_and_a_phone_look_right(services: Running, browser: Browser) -> None:
    page = browser.page
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size({"width": 1280, "height": 800})
        await open_slide(services, browser)
        await page.keyboard.press("i")
        await browser.until("document.querySelector('figure img')?.naturalWidth > 0")
        await browser.screenshot(f"controls-{scheme}")
        await page.set_viewport_size({"width": 360, "height": 740})
        await open_slide(services, browser)
        assert await page.evaluate("document.querySelector('.navigator').hidden"), "no room for it"
        await page.keyboard.press("i")
        await browser.until("document.querySelector('figure img')?.naturalWidth > 0")
        await page.click(".bar .opener")
        await browser.screenshot(f"controls-phone-{scheme}")
        assert not await page.evaluate(_TOO_WIDE)
        small = await page.evaluate(
            """[...document.querySelectorAll('button')].filter(b => b.offsetParent !== null)
                .filter(b => b.offsetWidth < 40 || b.offsetHeight < 40).map(b => b.outerHTML)"""
        )
        assert small == []
        box = await page.locator(".side-panel").bounding_box()
        assert box is not None
        assert box["width"] == 360
        assert box["y"] > 300, "below the picture"
        await page.get_by_role("button", name="Picture").click()
        assert await page.get_by_role("slider", name="Gamma").is_visible()
        assert await page.locator(".bar .fold").is_hidden()
    assert browser.problems == []
