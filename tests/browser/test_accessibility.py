"""axe-core over every kind of page, in a real browser: nothing that shuts anyone out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.support.browser import Browser
from tests.support.needs import missing
from tests.support.pages import PAGES, site
from tests.support.s3server import Bucket

AXE = Path(__file__).parents[2] / "services/viewer/node_modules/axe-core/axe.min.js"

_RUN = """
    () => axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
        .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
        .map((violation) => `${violation.id}: ` + violation.nodes.map((node) => node.target.join(" ")).join(", ")))
"""

Theme = Literal["dark", "light"]


@pytest.mark.parametrize(("theme", "language"), [("dark", "en"), ("light", "ja")])
async def test_axe_finds_nothing_serious(
    theme: Theme, language: str, bucket: Bucket, database_url: str, browser: Browser
) -> None:
    """Colours differ by theme and names by language: two of the four pairs are all there is to find."""
    if not AXE.exists():
        missing("axe-core: make viewer")
    source = await asyncio.to_thread(AXE.read_text)
    page = browser.page
    await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    await page.set_extra_http_headers({"Accept-Language": language})
    found: dict[str, Any] = {}
    async with site(bucket, database_url, browser) as there:
        for name, steps in PAGES:
            await steps(there)
            assert await page.evaluate("document.documentElement.lang") == language
            await page.evaluate(source)
            found[name] = await page.evaluate(_RUN)
            await browser.screenshot(f"axe-{name}-{theme}-{language}")
        await page.evaluate("document.body.append(document.createElement('button'))")
        assert await page.evaluate(_RUN) != [], "a button without a name is found"
    assert {name: violations for name, violations in found.items() if violations} == {}
