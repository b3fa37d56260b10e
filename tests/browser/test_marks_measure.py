"""What is measured on a slide, in a real browser, against the real services."""

from __future__ import annotations

import math

from tests.support.browser import Browser
from tests.support.in_process import Running
from tests.support.marking import MPP, NO_SCALE, SLIDE, drag, kept, labels, look, marked_services, microns, show

__all__ = ["marked_services"]


async def test_a_known_distance_is_right_at_any_zoom_turned_and_mirrored(services: Running, browser: Browser) -> None:
    await show(services, browser, SLIDE)
    page = browser.page
    views = [(0.25, 0, False), (1, 0, False), (2.5, 30, False), (0.4, 30, True), (1, 0, True)]
    for count, (zoom, rotation, flipped) in enumerate(views, 1):
        await look(browser, zoom, rotation, flipped)
        await page.keyboard.press("m")
        a, b = (420.0, 300.0), (820.0, 560.0)
        await drag(browser, a, b)
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


async def test_without_a_scale_or_a_store_marks_work_and_say_so(services: Running, browser: Browser) -> None:
    page = browser.page
    await page.emulate_media(color_scheme="dark")
    await page.add_init_script("Object.defineProperty(window, 'indexedDB', {get() { throw new DOMException('no'); }})")
    await show(services, browser, NO_SCALE)
    await page.keyboard.press("e")
    text = await page.inner_text(".mark-panel")
    assert "doesn’t tell its scale" in text
    assert "Not kept" in text
    await page.click("#tool-distance")
    await drag(browser, (300, 300), (500, 300))
    zoom = await page.evaluate("wsiViewer.viewport.viewportToImageZoom(wsiViewer.viewport.getZoom(true))")
    [label] = await labels(browser)
    assert label.endswith(" px")
    assert abs(float(label.split()[0].replace(",", "")) - 200 / zoom) < 1
    await browser.screenshot("marks-no-scale-dark")
    assert browser.problems == []
