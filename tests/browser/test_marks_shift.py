"""With Shift boxes are squares, and lines go straight as the screen has it."""

from __future__ import annotations

import math

from tests.support.browser import Browser
from tests.support.in_process import Running
from tests.support.marking import SLIDE, drag, kept, look, marked_services, of_kind, on_screen, show, tool

__all__ = ["marked_services"]

_DRAWN_LINE = """(() => {
    const box = document.querySelector(".marks").getBoundingClientRect();
    const lines = [...document.querySelectorAll(".marks path")].map(path => path.getAttribute("d"))
        .map(path => (path.match(/[-\\d.]+/g) ?? []).map(Number))
        .filter(path => Math.abs(path[0] + box.x - 300) < 1 && Math.abs(path[1] + box.y - 650) < 1);
    return lines.length === 0 ? [0, 0] : [lines[0][2] + box.x, lines[0][3] + box.y];
})()"""
"""Where the line that begins at 300, 650 of the page ends."""


async def test_shift_makes_squares_and_straight_lines(services: Running, browser: Browser) -> None:
    await show(services, browser, SLIDE)
    page = browser.page
    await look(browser, 0.5, 20)
    await page.keyboard.down("Shift")
    await tool(browser, "rectangle")
    await drag(browser, (420, 320), (560, 380))
    await tool(browser, "distance")
    await drag(browser, (420, 560), (600, 575))  # nearly level
    await tool(browser, "polygon")
    for place in [(760, 260), (900, 266), (905, 400), (760, 260)]:
        await page.mouse.click(*place)
    await page.keyboard.up("Shift")
    box, line, ring = [mark["points"] for mark in await kept(browser, 3)]
    wide, high = (abs(box[1][axis] - box[0][axis]) for axis in "xy")
    assert math.isclose(wide, high, rel_tol=1e-9), "the slide's pixels are square"
    assert wide > 200
    await browser.screenshot("marks-shift")
    [(x, y), (to_x, to_y)] = [await on_screen(browser, point["x"], point["y"]) for point in line]
    assert abs(y - to_y) < 0.1, "level on the screen, though the slide is turned"
    assert abs(to_x - x - 180) < 1
    corners = [await on_screen(browser, point["x"], point["y"]) for point in ring]
    assert abs(corners[0][1] - corners[1][1]) < 0.1
    assert abs(corners[1][0] - corners[2][0]) < 0.1

    # a corner of a box that is there: again a square, from the corner that stays
    await page.keyboard.press("Escape")
    await page.mouse.click(*await on_screen(browser, (box[0]["x"] + box[1]["x"]) / 2, box[0]["y"]))
    grip = await on_screen(browser, box[1]["x"], box[1]["y"])
    await page.keyboard.down("Shift")
    await drag(browser, grip, (grip[0] + 60, grip[1] + 10))
    await page.keyboard.up("Shift")
    changed = (await of_kind(browser, "rectangle", f"points[1].x > {box[1]['x'] + 20}"))[0]["points"]
    assert changed[0] == box[0]
    assert math.isclose(changed[1]["x"] - changed[0]["x"], changed[1]["y"] - changed[0]["y"], rel_tol=1e-9)

    # Shift is pressed while the pointer rests: what is seen is what is kept
    await page.keyboard.press("Escape")
    await page.keyboard.press("l")
    await page.mouse.move(300, 650)
    assert "Shift" in await page.inner_text(".mark-hint"), "how it is done by mouse, though a key has chosen it"
    await page.mouse.down()
    await page.mouse.move(400, 720, steps=3)
    await page.keyboard.down("Shift")
    await browser.until(f"({_DRAWN_LINE}).every((at, i) => Math.abs(at - [385, 735][i]) < 1)")
    await page.mouse.up()
    await page.keyboard.up("Shift")
    marks = await kept(browser, 4)
    end = await on_screen(browser, marks[-1]["points"][1]["x"], marks[-1]["points"][1]["y"])
    assert math.dist(end, (385, 735)) < 1

    # Enter ends what the mouse has drawn, whatever keys were pressed meanwhile; Ctrl+Z takes back its points, no other mark
    await page.keyboard.press("y")
    for place in [(300, 200), (400, 200), (400, 300), (350, 340)]:
        await page.mouse.click(*place)
    await page.keyboard.press("Control+z")
    await page.keyboard.press("Shift")
    await page.keyboard.press("Enter")
    marks = await kept(browser, 5)
    assert marks[-1]["kind"] == "polygon"
    assert len(marks[-1]["points"]) == 3
    assert browser.problems == []
