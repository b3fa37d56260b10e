"""The picture moves while marks are made, and the list leads to them."""

from __future__ import annotations

from tests.support.browser import Browser
from tests.support.in_process import Running
from tests.support.marking import SLIDE, Place, drag, kept, look, marked_services, show

__all__ = ["marked_services"]

MARK_PATH = """
    (path => { const [x, y] = path.match(/[-\\d.]+/g).map(Number); return [x, y]; })(
        document.querySelector('.marks g path').getAttribute('d'))
"""


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
    await browser.until(
        f"(([x, y]) => Math.abs(x - {spot[0]} - 50) < 0.5 && Math.abs(y - {spot[1]} + 30) < 0.5)({MARK_PATH})"
    )
    moved = await page.evaluate(MARK_PATH)
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
    await browser.until(f"Math.abs({zoom} / {before} - 1.5) < 0.01")
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
