"""Marks in files of others; by keyboard alone, in a second tab and on a phone."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.browser import Browser
from tests.support.in_process import Running
from tests.support.marking import MPP, SLIDE, kept, labels, look, marked_services, of_kind, show

__all__ = ["marked_services"]

QUPATH = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "3c5a6fcd-5a49-4a7e-8f1f-0a6f3f0a3c11",
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[900, 1200], [1400, 1200], [1400, 1800], [900, 1800], [900, 1200]],
                    [[1000, 1300], [1000, 1500], [1200, 1500], [1200, 1300], [1000, 1300]],
                ],
            },
            "properties": {
                "objectType": "annotation",
                "classification": {"name": "Tumor", "color": [200, 0, 0]},
                "isLocked": True,
                "measurements": [],
            },
        },
        {
            "type": "Feature",
            "id": "PathAnnotationObject",
            "geometry": {"type": "MultiPoint", "coordinates": [[1000, 1000], [1100.5, 1000]]},
            "properties": {"name": "mitosis", "classification": {"name": "Positive", "colorRGB": -377282}},
        },
    ],
}


async def test_files_of_others_are_read_and_what_is_wrong_with_one_is_said(
    services: Running, browser: Browser, tmp_path: Path
) -> None:
    await show(services, browser, SLIDE)
    page = browser.page
    await look(browser, 0.5)
    await page.keyboard.press("e")
    answer = "document.querySelector('.mark-answer').textContent"

    async def give(name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        await page.set_input_files(".mark-panel input[type=file]", tmp_path / name)

    await give("qupath.geojson", json.dumps(QUPATH))
    marks = await kept(browser, 3)
    polygon = next(mark for mark in marks if mark["kind"] == "polygon")
    assert (polygon["classification"], polygon["colour"], len(polygon["holes"])) == ("Tumor", "#c80000", 1)
    assert f"Tumor · {(500 * 600 - 200 * 200) * MPP**2:,.0f} µm²" in await labels(browser)
    await browser.screenshot("marks-qupath")
    for name, text, said in [
        ("a.geojson", "no JSON <b>", "not a JSON file"),
        ("b.json", '{"type": "Topology"}', "not GeoJSON"),
        ("c.json", '[{"type": "Feature", "geometry": {"type": "Point", "coordinates": ["1", null]}}]', "Object 1"),
    ]:
        await give(name, text)
        await browser.until(f"{answer}.includes({json.dumps(said)})")
    await kept(browser, 3)
    far = {"type": "Point", "coordinates": [90000, 90000]}
    await give("far.json", json.dumps(far))
    await browser.until(f"{answer}.includes('1 of 1 marks lie outside')")
    await kept(browser, 3)
    await page.click(".mark-answer button >> text=Cancel")
    await kept(browser, 3)

    # keyboard only: a distance; the arrows move the picture between the two points
    await page.evaluate("window.wsiViewer.canvas.focus()")
    await page.keyboard.press("m")
    assert await page.get_attribute(".mark-cross", "visibility") == "visible"
    await page.keyboard.press("Enter")
    at = await page.evaluate("window.wsiViewer.viewport.getCenter(true).x")
    await page.keyboard.press("ArrowRight")
    await browser.until(f"window.wsiViewer.viewport.getCenter(true).x > {at} + 0.01")
    await browser.until(
        "window.wsiViewer.viewport.getCenter(true).distanceTo(window.wsiViewer.viewport.getCenter(false)) < 1e-9"
    )
    await browser.screenshot("marks-keyboard")
    moved = await page.evaluate(f"(window.wsiViewer.viewport.getCenter(true).x - {at}) * 2220")
    await page.keyboard.press("Enter")
    [line] = await of_kind(browser, "distance", "points.length === 2")
    assert abs(line["points"][1]["x"] - line["points"][0]["x"] - moved) < 1
    await page.keyboard.press("Escape")
    await page.keyboard.press("Delete")
    await kept(browser, 3)

    # a second tab has them, and its marks come here
    other = await page.context.new_page()
    await other.goto(page.url)
    await other.wait_for_selector(".mark-labels text", state="attached")
    await other.bring_to_front()
    await other.click("#tool-point")
    await other.mouse.click(640, 600)
    await page.bring_to_front()
    await browser.until("document.querySelector('.mark-count').textContent === '4 marks'")
    await other.close()

    # on a phone
    await page.set_viewport_size({"width": 390, "height": 780})
    await browser.steady("JSON.stringify(window.wsiWorkspace.panes[0].size)")
    await browser.screenshot("marks-phone")
    assert browser.problems == []
