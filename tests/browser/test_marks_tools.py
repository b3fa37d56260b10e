"""Every tool that makes marks, what changes them, and the file that brings all of them back."""

from __future__ import annotations

import json
import math
from pathlib import Path

from tests.support.browser import DRAWN, Browser
from tests.support.in_process import Running
from tests.support.marking import (
    MPP,
    SLIDE,
    STORED,
    Place,
    drag,
    kept,
    labels,
    look,
    marked_services,
    of_kind,
    on_screen,
    show,
    tool,
)

__all__ = ["marked_services"]


async def test_every_tool_edits_undo_and_a_file_that_brings_all_back(
    services: Running, browser: Browser, tmp_path: Path
) -> None:
    await show(services, browser, SLIDE)
    page = browser.page
    await look(browser, 0.5)
    drawn: list[tuple[str, list[Place]]] = [
        ("distance", [(200, 120), (330, 170)]),
        ("line", [(200, 220), (330, 260)]),
        ("rectangle", [(420, 120), (540, 200)]),
        ("ellipse", [(420, 240), (560, 300)]),
    ]
    for kind, path in drawn:
        await tool(browser, kind)
        await drag(browser, *path)
    await tool(browser, "angle")
    for place in [(620, 200), (620, 130), (700, 130)]:
        await page.mouse.click(*place)
    await tool(browser, "point")
    await page.mouse.click(760, 150)
    await tool(browser, "area")
    for place in [(200, 330), (320, 330), (320, 430), (200, 430), (200, 330)]:  # the first point ends it
        await page.mouse.click(*place)
    await tool(browser, "polygon")
    for place in [(420, 350), (540, 360), (600, 460)]:
        await page.mouse.click(*place)
    await page.mouse.move(300, 500)
    await page.keyboard.press("Backspace")
    await page.mouse.click(560, 440)
    await page.mouse.dblclick(450, 450)
    marks = await kept(browser, 8)
    assert len(marks[-1]["points"]) == 4, "a double click sets one point"
    await tool(browser, "freehand")
    await drag_by_pen(browser, [(700 + 60 * math.cos(t / 20), 380 + 50 * math.sin(t / 20)) for t in range(126)])
    await tool(browser, "text")
    await page.mouse.click(900, 600)
    await browser.until("document.activeElement.className === 'mark-text'")
    await page.keyboard.type("<b>clip</b> margin")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    marks = await kept(browser, 10)
    kinds = [mark["kind"] for mark in marks]
    assert kinds == [kind for kind, _ in drawn] + ["angle", "point", "area", "polygon", "freehand", "text"]
    await browser.until(f"{STORED}.then(all => all.some(mark => mark.label === '<b>clip</b> margin'))")
    by_kind = {mark["kind"]: mark for mark in marks}
    hand = by_kind["freehand"]["points"]
    assert hand[0] == hand[-1], "an end near the start closes it"
    assert 12 < len(hand) < 110, "points that tell nothing are left out"
    shown = await labels(browser)
    assert "90.0°" in shown
    assert "<b>clip</b> margin" in shown
    area = 240 * 200 * MPP**2
    assert f"{area:,.0f} µm²" in shown
    await browser.screenshot("marks-dark" if await is_dark(browser) else "marks-light")

    # edit: label, colour, a corner by mouse, a nudge by keyboard; undo and redo
    await page.keyboard.press("e")
    box = by_kind["rectangle"]["points"]
    await page.mouse.click(*await on_screen(browser, (box[0]["x"] + box[1]["x"]) / 2, box[0]["y"]))  # its upper edge
    await page.fill("[data-field=label]", "Region 1")
    await page.keyboard.press("Enter")
    await page.click(".mark-editor [aria-label=Red]")
    x, y = await on_screen(browser, box[1]["x"], box[1]["y"])
    await drag(browser, (x, y), (x + 20, y + 30))
    rectangle = (await of_kind(browser, "rectangle", f"points[1].y > {box[1]['y'] + 1}"))[0]
    assert (rectangle["label"], rectangle["colour"]) == ("Region 1", "#d9202e")
    assert abs(rectangle["points"][1]["x"] - box[1]["x"] - 40) < 1
    await page.keyboard.press("Shift+ArrowRight")
    moved = (await of_kind(browser, "rectangle", f"points[0].x > {rectangle['points'][0]['x'] + 1}"))[0]
    assert abs(moved["points"][0]["x"] - rectangle["points"][0]["x"] - 20) < 1e-3
    await page.keyboard.press("Control+z")
    await of_kind(browser, "rectangle", f"points[0].x === {rectangle['points'][0]['x']}")
    await page.keyboard.press("Control+Shift+Z")
    await of_kind(browser, "rectangle", f"points[0].x === {moved['points'][0]['x']}")
    await browser.screenshot("marks-panel")
    await page.keyboard.press("Delete")
    await kept(browser, 9)
    await page.keyboard.press("Control+z")
    before = await kept(browser, 10)

    # reload keeps them; the file that is exported brings all of them back, to the last digit
    await page.reload()
    await browser.until(DRAWN)
    await browser.until("document.querySelectorAll('.marks path').length > 0")
    await page.keyboard.press("e")
    assert "10 marks" in await page.inner_text(".mark-panel")
    async with page.expect_download() as started:
        await page.click("text=Export")
    download = await started.value
    assert download.suggested_filename == f"{SLIDE}.geojson"
    file = tmp_path / "marks.geojson"
    await download.save_as(file)
    collection = json.loads(file.read_text())
    assert {feature["geometry"]["type"] for feature in collection["features"]} == {"Point", "LineString", "Polygon"}
    await page.click("text=Delete all")
    await page.click(".mark-answer button >> text=Delete")
    await kept(browser, 0)
    await page.set_input_files(".mark-panel input[type=file]", file)
    assert await kept(browser, 10) == before
    await browser.until("document.querySelector('.mark-answer').textContent.includes('10 added, 0 replaced.')")
    await page.set_input_files(".mark-panel input[type=file]", file)
    await browser.until("document.querySelector('.mark-answer').textContent.includes('0 added, 10 replaced.')")
    assert await page.locator(".mark-list b").count() == 0, "a label is no markup"
    assert browser.problems == []
    assert browser.hosts == {"127.0.0.1"}


async def is_dark(browser: Browser) -> bool:
    return bool(await browser.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))


async def drag_by_pen(browser: Browser, path: list[Place]) -> None:
    session = await browser.page.context.new_cdp_session(browser.page)
    for i, (x, y) in enumerate(path):
        kind = "mousePressed" if i == 0 else "mouseReleased" if i == len(path) - 1 else "mouseMoved"
        await session.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"},
        )
