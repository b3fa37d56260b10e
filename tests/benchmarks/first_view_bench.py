"""``python -m tests.benchmarks.first_view_bench``: the first view of a slide in a real Chromium, S3 20 ms away.

The slide's page is opened by a browser that has kept nothing, from a server that has read nothing: milliseconds from the
navigation to the first tile that is drawn, and until all of the viewport is. A peer (``PEER_COMMAND``) beside it: the original's
page loads OpenSeadragon from a CDN, in whose place Playwright answers at once with our file; that each of this page's requests
passes by Playwright for that costs it some milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Route, async_playwright

from tests.benchmarks.lab import Options, describe, open_lab
from tests.benchmarks.report import Report
from tests.benchmarks.server_under_test import Target
from tests.support.browser import FLAGS
from tests.support.tools import chromium_path

ROUNDS = 7
STARTED = 1.5
"""Seconds for a new window's own parts to start: they take the browser's core for some 0.1 s, which no page is to blame for."""
LATENCY = 0.02
OPENSEADRAGON = (
    Path(__file__).parents[2] / "services/viewer/node_modules/openseadragon/build/openseadragon/openseadragon.min.js"
)

_WATCH = """(() => {
    const times = window.firstView = {first: 0, whole: 0};
    const look = () => {
        const shown = window.wsiViewer ?? (typeof viewer === "undefined" ? undefined : viewer);
        const item = shown?.world?.getItemAt(0);
        if (item && item.lastDrawn.length > 0) {
            times.first ||= performance.now();
            if (item.getFullyLoaded()) times.whole = performance.now();
        }
        if (!times.whole) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})()"""
"""OpenSeadragon's own word, once a frame; performance.now() counts from the navigation."""


async def _cdn(route: Route) -> None:
    if route.request.url.endswith(".js"):
        await route.fulfill(path=OPENSEADRAGON, content_type="text/javascript")
    else:
        await route.abort()


async def first_view(browser: Browser, name: str, url: str) -> tuple[float, float]:
    """Milliseconds until the first tile, and until all of them."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})

    try:
        page = await context.new_page()
        if name != "ours":
            await page.route(re.compile("^https:"), _cdn)
        await page.add_init_script(_WATCH)
        await asyncio.sleep(STARTED)
        await page.goto(url, wait_until="commit")
        async with asyncio.timeout(120):
            while not (times := await page.evaluate("window.firstView"))["whole"]:  # noqa: ASYNC110 - the page can't wake us
                await asyncio.sleep(0.1)
        return times["first"], times["whole"]
    finally:
        await context.close()


async def measure(targets: tuple[Target, ...]) -> None:
    """In turn, each time with a server that was started anew."""
    found: dict[str, list[tuple[float, float]]] = {target.name: [] for target in targets}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        for target in (*targets, *targets * ROUNDS):  # the first of each warms the browser up
            assert target.distance is not None
            await target.distance.set(LATENCY)
            target.restart()
            url = f"{target.url}/view/{quote(target.slide(), safe='')}"
            found[target.name].append(await first_view(browser, target.name, url))
            first, whole = found[target.name][-1]
            print(f"  {target.name}: {first:.0f} ms, {whole:.0f} ms", flush=True)
        await browser.close()
    for name, (_, *looks) in found.items():
        for what, of in (("first tile", [look[0] for look in looks]), ("whole viewport", [look[1] for look in looks])):
            print(f"{name}: {what} {statistics.median(of):.0f} ms ({min(of):.0f} to {max(of):.0f})")


def main() -> None:
    """Measure and print."""
    options = Options(peer_command=os.environ.get("PEER_COMMAND") or None, nice=int(os.environ.get("NICE", "0")))
    with open_lab(options, Report()) as lab:
        print(describe(lab), flush=True)
        print(f"load {os.getloadavg()[0]:.1f} with all of that started", flush=True)
        asyncio.run(measure(lab.targets))


if __name__ == "__main__":
    sys.exit(main())
