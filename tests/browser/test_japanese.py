"""The pages for one whose browser asks for Japanese: no control says anything in English."""

from __future__ import annotations

import re

import pytest

from tests.support.browser import Browser
from tests.support.pages import PAGES, site
from tests.support.s3server import Bucket

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")

_KEY = r"(?:⇧ ?)?(?:Ctrl|Shift|Alt|Esc|Enter|Tab|Del|Delete|Backspace|Home|End|[A-Za-z]|F\d+|[+\-0-9?])"
_ALLOWED = re.compile(
    r"[\W\d_]*"  # numbers, signs, icons
    r"|(?:(?:[\d.,/:]+|×|·|(?:µm|mm|px|byte|kB|MB|GB|x)(?:/px|²)?|%)[ \u00a0]*)+"  # measures and dates
    r"|.*\.svs|teaching/?|s-[a-z0-9]+"  # names of slides and folders
    r"|Aperio SVS|JPEG|Ada Lovelace|GeoJSON|CSV|PNG"
    # Keys, as they stand on a keyboard.
    rf"|{_KEY}(?: ?[+/,] ?{_KEY})*",
    re.DOTALL,
)

_SAID = """
    () => {
        const seen = (e) => e.checkVisibility({visibilityProperty: true});
        const said = [];
        const controls = "button, a, input, select, textarea, summary, label, legend, h1, h2, h3, th, dt, option, [role], [title], [aria-label]";
        for (const e of document.querySelectorAll(controls)) {
            if (!seen(e) || e.closest("[lang=en]") !== null) continue;
            for (const name of ["aria-label", "title", "placeholder"]) said.push(e.getAttribute(name) ?? "");
        }
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
            const e = node.parentElement;
            // What stands beside a name in a list (dd) is the slide's own.
            if (e.closest("[lang=en], script, noscript, style, dd") === null && seen(e)) said.push(node.data);
        }
        return [...new Set(said.map((text) => text.trim()).filter((text) => text !== ""))];
    }
"""


@pytest.mark.parametrize("browser", ["ja-JP"], indirect=True)
async def test_every_control_is_in_japanese(bucket: Bucket, database_url: str, browser: Browser) -> None:
    page = browser.page
    found: dict[str, list[str]] = {}
    async with site(bucket, database_url, browser) as there:
        for name, steps in PAGES:
            await steps(there)
            assert await page.evaluate("document.documentElement.lang") == "ja"
            said = await page.evaluate(_SAID)
            await browser.screenshot(f"japanese-{name}")
            assert any(_JAPANESE.search(text) for text in said), f"{name} says nothing in Japanese"
            found[name] = [text for text in said if not (_JAPANESE.search(text) or _ALLOWED.fullmatch(text))]
    assert {name: texts for name, texts in found.items() if texts} == {}
