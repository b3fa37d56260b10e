"""What is on the screen, as numbers."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.support.browser import PATIENCE, Browser
from tests.support.oracle import Pixels

BARE = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".navigator, .stage > .tools, .pane-layer { visibility: hidden !important; }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
"""To evaluate: nothing but slides is shown where slides are. By style, since the page itself shows toolbars, some of them late."""


def pixels_of(png: bytes) -> Pixels:
    """Rows, columns, RGB."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


async def screen_once(browser: Browser, name: str, good: Callable[[Pixels], bool]) -> Pixels:
    """Screenshots until one is as it should be: the page's last frame may not be on the screen yet. The last one where none
    becomes so, for the caller to say what is wrong with it."""
    end = time.monotonic() + PATIENCE
    while True:
        shown = pixels_of(await browser.screenshot(name))
        if good(shown) or time.monotonic() > end:
            return shown
        await browser.page.wait_for_timeout(100)
