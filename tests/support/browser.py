"""A real Chromium, driven by Playwright."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, async_playwright

from tests.support.needs import missing
from tests.support.tools import chromium_path
from tests.support.without_netlink import launcher

OUTPUT = Path(__file__).resolve().parents[1] / "output"
"""Where screenshots go; not in version control."""

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


SPARING = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
"""For `add_init_script`: a user who asks for little data. The viewer then fetches no tile that isn't on the screen, and what it
asks for is what it shows."""


WITH_GRAPHICS = """
    const read = WebGLRenderingContext.prototype.getParameter;
    WebGLRenderingContext.prototype.getParameter = function (name) {
        const value = read.call(this, name);
        return typeof value === "string" && /swiftshader|llvmpipe/i.test(value) ? "a graphics processor" : value;
    };
"""
"""A script for a page's start: WebGL that the processor imitates is taken for a graphics processor's, and used. Else the page
draws by the plain canvas."""


DRAWN = "!!window.wsiViewer?.world.getItemAt(0)?.getFullyLoaded()"
"""True once all tiles of the first slide are there that the last frame wanted."""

FRAME = """async () => {
    window.wsiViewer.forceRedraw();
    await new Promise(drawn => window.wsiViewer.addOnceHandler("update-viewport", drawn));
}"""
"""To evaluate after a move: a frame that knows of it, so that `DRAWN` tells of its tiles."""

PATIENCE = 60.0
"""Seconds. No measure of the page, only of how busy the machine may be."""


_SOME_FRAMES = "new Promise(done => { let left = 5; const f = () => left-- ? requestAnimationFrame(f) : done(); f(); })"


@dataclass(slots=True)
class Browser:
    """A page, and what went wrong or left the origin."""

    page: Page
    problems: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    async def until(self, expression: str, seconds: float = PATIENCE) -> None:
        """Wait until a JavaScript expression is true. Not Playwright's own way, which the pages' CSP forbids."""
        async with asyncio.timeout(seconds):
            while not await self.page.evaluate(expression):  # noqa: ASYNC110 - the page can't wake us
                await asyncio.sleep(0.05)

    async def steady(self, expression: str, looks: int = 5) -> Any:
        """A JavaScript expression's value, once so many looks in a row, some frames apart, have found the same."""
        same, last = 0, await self.page.evaluate(expression)
        async with asyncio.timeout(PATIENCE):
            while same < looks:
                await self.page.evaluate(_SOME_FRAMES)
                now = await self.page.evaluate(expression)
                same, last = (same + 1 if now == last else 0), now
        return last

    async def screenshot(self, name: str) -> bytes:
        """Take one, and keep it for people to look at."""
        OUTPUT.mkdir(exist_ok=True)
        return await self.page.screenshot(path=OUTPUT / f"{name}.png")


@pytest.fixture
async def browser(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """A page in a fresh profile; its parameter is the locale of who uses it."""
    locale = getattr(request, "param", None)
    path = chromium_path()
    if path is None:
        missing("Chromium: install the package chromium")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=launcher(path, tmp_path),
            args=FLAGS,
            viewport={"width": 1280, "height": 800},
            locale=locale,
        )
        context.set_default_timeout(PATIENCE * 1000)
        found = Browser(context.pages[0])
        found.page.on("console", lambda m: found.problems.append(m.text) if m.type == "error" else None)
        found.page.on("pageerror", lambda error: found.problems.append(str(error)))
        found.page.on("request", lambda request: found.hosts.add(urlsplit(request.url).hostname or ""))
        yield found
        await context.close()
