"""Marks where something comes between: a key, another tab, an outline that has no area."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.browser import DRAWN, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide

SLIDE = "CMU-1-Small-Region.svs"
OTHER = "tcga-cr-7395-01a-01-ts1.svs"

_LABELS = "[...document.querySelectorAll('.mark-labels text')].map(text => text.textContent)"
_ROWS = "[...document.querySelectorAll('.mark-list .mark-measure')].map(one => one.textContent)"
_FACT = "document.querySelector('.mark-facts dd')?.textContent ?? ''"
_MARKS = "document.querySelectorAll('.mark-list li').length"
_HELD = "document.querySelectorAll('.space-held').length"
_CROSSES = "outline crosses itself: no area"


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    for name in (SLIDE, OTHER):
        bucket.put(name, real_slide(name))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 2)
        yield found


async def address(services: Running, name: str) -> str:
    row = (await services.catalog.listing.page(limit=1, search=name)).rows[0]
    return f"{services.url}/view/{row.id}"


async def show(services: Running, browser: Browser) -> None:
    """The slide, with the panel of marks."""
    await browser.page.goto(await address(services, SLIDE))
    await browser.until(DRAWN)
    await browser.page.keyboard.press("e")
    await browser.until(f"{_MARKS} === 0")


async def draw(browser: Browser, tool: str, *places: tuple[float, float]) -> None:
    await browser.page.click(f"#tool-{tool}")
    for place in places:
        await browser.page.mouse.click(*place)


async def test_a_key_between_press_and_release(services: Running, browser: Browser) -> None:
    await show(services, browser)
    page = browser.page
    mouse, keys = page.mouse, page.keyboard
    # Space that outlives its tool: by Esc, by another window, by another tool
    for between in ("keys.Escape", "blur", "keys.a"):
        await page.evaluate("window.wsiViewer.canvas.focus()")
        await keys.press("m")
        await keys.down(" ")
        assert await page.evaluate(_HELD) == 1
        if between == "blur":
            await page.evaluate("window.dispatchEvent(new Event('blur'))")
        else:
            await keys.press(between.removeprefix("keys."))
        assert await page.evaluate(_HELD) == 0, between
        await keys.up(" ")
        if between != "keys.Escape":  # a second one would close the panel
            await keys.press("Escape")
        await browser.until("document.querySelector('[id^=tool-][aria-pressed=true]').id === 'tool-select'")
    await keys.press("m")
    await mouse.click(300, 300)
    await mouse.click(500, 300)
    await browser.until(f"{_MARKS} === 1")
    await keys.press("Escape")

    # list and facts follow the handle that is dragged
    [before] = await page.evaluate(_LABELS)
    await mouse.move(500, 300)
    await mouse.down()
    await mouse.move(560, 380, steps=4)
    await browser.until(f"{_LABELS}[0] !== {json.dumps(before)}")
    [label] = await page.evaluate(_LABELS)
    assert (await page.evaluate(_ROWS), await page.evaluate(_FACT)) == ([label], label)
    await browser.screenshot("marks-dragged")

    # undo and Delete end the drag: nothing of the mark comes back
    await keys.press("Control+z")
    await browser.until(f"{_MARKS} === 0")
    await mouse.move(600, 420, steps=3)
    await mouse.up()
    assert await page.evaluate(_LABELS) == []
    assert await page.evaluate(_MARKS) == 0
    await keys.press("Control+Shift+Z")
    await browser.until(f"{_LABELS}[0] === {json.dumps(before)}")
    await mouse.click(400, 300)
    await mouse.move(500, 300)
    await mouse.down()
    await mouse.move(520, 380, steps=3)
    await keys.press("Delete")
    await mouse.move(560, 380, steps=3)
    assert await page.evaluate(_LABELS) == []
    await mouse.up()
    assert await page.evaluate(
        f"[{_MARKS}, {_LABELS}.length, document.querySelectorAll('.mark-handles *').length]"
    ) == [
        0,
        0,
        0,
    ]
    assert browser.problems == []


async def test_an_outline_that_crosses_itself_has_no_area(services: Running, browser: Browser, tmp_path: Path) -> None:
    await show(services, browser)
    page = browser.page
    await draw(browser, "area", (300, 250), (500, 400), (500, 250), (300, 400), (300, 250))
    await page.keyboard.press("Escape")
    await browser.until(f"{_MARKS} === 1")
    assert await page.evaluate(_LABELS) == [_CROSSES]
    assert (await page.evaluate(_ROWS), await page.evaluate(_FACT)) == ([_CROSSES], _CROSSES)
    await browser.screenshot("marks-crossing")
    async with page.expect_download() as started:
        await page.click("text=Export")
    file = tmp_path / "marks.geojson"
    await (await started.value).save_as(file)
    [feature] = json.loads(file.read_text())["features"]
    assert list(feature["properties"]["measurements"]) == ["Perimeter µm"]
    assert len(feature["geometry"]["coordinates"][0]) == 5

    # of a file with one broken object the others are taken
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1000, 1000]}}
    broken = {"type": "Feature", "geometry": {"type": "Point", "coordinates": ["1", None]}}
    file.write_text(json.dumps([point, point, point, broken]))
    await page.set_input_files(".mark-panel input[type=file]", file)
    await browser.until(f"{_MARKS} === 4")
    said = await page.inner_text(".mark-answer")
    assert said == "3 added, 0 replaced. 1 skipped: object 4 has coordinates that are not pixels of a slide."

    # what another tab has changed is not undone here
    other = await page.context.new_page()
    await other.goto(page.url)
    await other.wait_for_selector(".mark-labels text", state="attached")
    await other.bring_to_front()
    await other.keyboard.press("e")
    await other.click(".mark-list .mark-go:has-text('crosses itself')")
    await other.fill("[data-field=label]", "theirs")
    await other.keyboard.press("Enter")
    await page.bring_to_front()
    await browser.until(f"{_LABELS}.some(label => label.startsWith('theirs'))")
    await page.keyboard.press("Control+z")
    await browser.until(f"{_MARKS} === 1")
    await page.keyboard.press("Control+z")
    assert await page.evaluate(_MARKS) == 1
    assert await page.evaluate(
        "[...document.querySelectorAll('.mark-panel button')].find(b => b.textContent === 'Undo').disabled"
    )
    await other.close()
    assert browser.problems == []


async def test_marks_lie_under_the_overview_and_the_tools(services: Running, browser: Browser) -> None:
    await show(services, browser)
    page = browser.page
    # from the overview in the right upper corner to the tools in the right lower one
    overview = await page.locator(".navigator").bounding_box()
    tools = await page.locator(".move-tools").bounding_box()
    assert overview is not None
    assert tools is not None
    await page.click("#tool-line")
    left = overview["x"] - 40
    await page.mouse.click(left, overview["y"] + 60)
    await page.mouse.click(left, tools["y"] - 30)
    await browser.until(f"{_MARKS} === 1")
    # the picture goes to the right, and the line below both
    await page.evaluate(
        """() => {
            const { viewport } = window.wsiViewer;
            const by = viewport.getCenter().minus(viewport.getCenter());
            by.x = -100;
            by.y = -60;
            viewport.zoomBy(1.3, undefined, true);
            viewport.panBy(viewport.deltaPointsFromPixels(by), true);
        }"""
    )
    for x, y in [
        (overview["x"] + 30, overview["y"] + overview["height"] / 2),
        (tools["x"] + 20, tools["y"] + tools["height"] / 2),
    ]:
        stack = await page.evaluate(
            """([x, y]) => {
                const marks = document.querySelector('svg.marks');
                marks.style.pointerEvents = 'all';  // to be found where it lies
                const found = document.elementsFromPoint(x, y).map(one => one.closest('svg.marks, .navigator, .move-tools'));
                marks.style.pointerEvents = '';
                return found.filter(one => one !== null).map(one => one.getAttribute('class').split(' ')[0]);
            }""",
            [x, y],
        )
        assert "marks" in stack
        assert stack[0] != "marks", stack
    ground = await page.evaluate("getComputedStyle(document.querySelector('.move-tools')).backgroundColor")
    assert ground.startswith("rgb("), "what lies below must not shine through"
    await browser.screenshot("marks-under-the-overview")
    assert browser.problems == []


async def test_undo_is_of_the_active_pane_then_of_the_other(services: Running, browser: Browser) -> None:
    page = browser.page
    first, second = await address(services, SLIDE), await address(services, OTHER)
    await page.goto(f"{first}#x=1000&y=1200&z=4&with={second.rpartition('/')[2]}&x=1000&y=1200&z=4")
    await browser.until("document.querySelectorAll('.pane').length === 2")
    await browser.until("window.wsiWorkspace.panes.every((pane) => pane.isOpen)")
    boxes = [await page.locator(".pane").nth(index).bounding_box() for index in (0, 1)]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box is not None]
    drawn = "[...document.querySelectorAll('.pane')].map(p => p.querySelectorAll('.marks path[d]:not(.mark-cross)').length / 2).join()"
    await page.click("#tool-point")
    for (x, y), pane in [(middles[0], "1,0"), (middles[1], "1,1")]:
        await page.mouse.click(x, y)
        await browser.until(f"{drawn} === '{pane}'")
    await page.keyboard.press("Escape")
    await page.mouse.click(middles[0][0] + 60, middles[0][1] + 60)  # the first is the active one
    for key, left in [
        ("Control+z", "0,1"),
        ("Control+z", "0,0"),
        ("Control+z", "0,0"),
        ("Control+y", "1,0"),
        ("Control+y", "1,1"),
    ]:
        await page.keyboard.press(key)
        await browser.until(f"{drawn} === '{left}'", 5)
    assert browser.problems == []
