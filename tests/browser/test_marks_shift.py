"""With Shift boxes are squares, and lines go straight as the screen has it."""

from __future__ import annotations

import math

from tests.support.browser import Browser
from tests.support.in_process import Running
from tests.support.marking import SLIDE, drag, kept, look, marked_services, of_kind, on_screen, show, tool

__all__ = ["marked_services"]


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
    assert browser.problems == []
