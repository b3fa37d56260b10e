"""Measuring and marking, in a real browser, against the real services."""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncIterator
from pathlib import Path
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
    await browser.until(f"{_STORED}.then(all => all.some(mark => mark.label === '<b>clip</b> margin'))")
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
    assert "10 added, 0 replaced." in await page.inner_text(".mark-answer")
    await page.set_input_files(".mark-panel input[type=file]", file)
    await browser.until("document.querySelector('.mark-answer').textContent.includes('0 added, 10 replaced.')")
    assert await page.locator(".mark-list b").count() == 0, "a label is no markup"
    assert browser.problems == []
    assert browser.hosts == {"127.0.0.1"}


async def is_dark(browser: Browser) -> bool:
    return bool(await browser.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))


async def of_kind(browser: Browser, kind: str, condition: str) -> Marks:
    """The kept marks of a kind, once `condition` holds for one of them."""
    found = f"{_STORED}.then(all => all.filter(mark => mark.kind === '{kind}' && mark.{condition}))"
    await browser.until(f"{found}.then(all => all.length > 0)")
    marks: Marks = await browser.page.evaluate(found)
    return marks


async def drag_by_pen(browser: Browser, path: list[Place]) -> None:
    session = await browser.page.context.new_cdp_session(browser.page)
    for i, (x, y) in enumerate(path):
        kind = "mousePressed" if i == 0 else "mouseReleased" if i == len(path) - 1 else "mouseMoved"
        await session.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"},
        )


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
    await page.wait_for_timeout(300)
    await browser.screenshot("marks-phone")
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


async def test_the_picture_still_moves_while_a_tool_is_chosen(services: Running, browser: Browser) -> None:
    await show(services, browser, SLIDE)
    page = browser.page
    await look(browser, 1, 30, True)
    center = "(c => [c.x, c.y])(window.wsiViewer.viewport.getCenter(true))"
    await page.keyboard.press("y")
    for place in [(500, 300), (700, 300)]:
        await page.mouse.click(*place)
    spot = await page.evaluate(MARK_PATH)
    # the middle button; the Space key with a drag; the wheel: the two points that are set stay on the slide
    start = await page.evaluate(center)
    await page.mouse.move(600, 500)
    await page.mouse.down(button="middle")
    await page.mouse.move(650, 470, steps=3)
    await page.mouse.up(button="middle")
    moved = await page.evaluate(MARK_PATH)
    assert (round(moved[0] - spot[0]), round(moved[1] - spot[1])) == (50, -30)
    assert await page.evaluate(center) != start
    await page.keyboard.down(" ")
    await drag(browser, (600, 500), (560, 540))
    await page.keyboard.up(" ")
    await browser.until(f"{MARK_PATH}[0] < {moved[0] - 20}")
    zoom = "window.wsiViewer.viewport.getZoom(true)"
    before = await page.evaluate(zoom)
    await page.mouse.wheel(0, -200)
    await browser.until(f"{zoom} > {before * 1.05}")
    await browser.until(f"Math.abs({zoom} - window.wsiViewer.viewport.getZoom(false)) < 1e-9")

    # two fingers; what the first one has begun to draw is forgotten
    session = await page.context.new_cdp_session(page)
    before = await page.evaluate(zoom)

    async def touch(kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    await touch("touchStart", (500, 500))
    await touch("touchStart", (500, 500), (700, 500))
    for step in range(1, 6):
        await touch("touchMove", (500 - 10 * step, 500), (700 + 10 * step, 500))
    await touch("touchEnd")
    assert abs(await page.evaluate(zoom) / before - 1.5) < 0.01
    await page.mouse.click(600, 650)
    await page.keyboard.press("Enter")
    [mark] = await kept(browser, 1)
    assert len(mark["points"]) == 3, "moving the picture set no point"

    # the list leads to a mark, turned and mirrored as the picture is
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await look(browser, 2, 30, True)
    await page.click("[data-mark]")
    await browser.until(
        """(() => {
            const box = document.querySelector('.marks').getBoundingClientRect();
            const at = [...document.querySelectorAll('.mark-handles circle')].map(c => c.getBoundingClientRect());
            const x = at.map(c => c.x + c.width / 2), y = at.map(c => c.y + c.height / 2);
            return at.length === 3 && Math.min(...x) > box.left && Math.max(...x) < box.right
                && Math.min(...y) > box.top && Math.max(...y) < box.bottom
                && Math.abs(window.wsiViewer.viewport.getZoom(true) - window.wsiViewer.viewport.getZoom(false)) < 1e-9;
        })()"""
    )
    await browser.screenshot("marks-go-to")
    assert browser.problems == []


MARK_PATH = """
    (path => { const [x, y] = path.match(/[-\\d.]+/g).map(Number); return [x, y]; })(
        document.querySelector('.marks g path').getAttribute('d'))
"""
