"""Names that are markup, in a real browser: nothing of them runs, nothing that the pages need is forbidden."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from tests.support.browser import Browser
from tests.support.fortress import HOSTILE
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.tiffs import picture, written
from wsi_streamer.access.signed_links import SignedLinks

SECRET = "a secret of thirty-two bytes too"
NAMES = [
    HOSTILE,
    "x' onmouseover='alert(4)' y='.tif",
    'x" autofocus onfocus="alert(5)" y=".tif',
    "</script><script>alert(6)</script>.tif",
    "</title><svg onload=alert(7)>.tif",
    "<!--<script>.tif",
    "javascript:alert(8).tif",
    "line\u2028separator\u2029`${alert(9)}`.tif",
    "{{constructor.constructor('alert(10)')()}}.tif",
    "line\nbreak.tif",
]

_WATCH = """
    window.violations = [];
    window.alert = (text) => { window.violations.push(`alert ${text}`); };
    document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@pytest.fixture
async def closed(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    for i, name in enumerate(NAMES):
        bucket.put(name, written([picture(300 + i, 200)], compression="zlib", tile=(64, 64)))
    options = {"auth_enabled": True, "auth_secret": SECRET}
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
        await wait_indexed(found.catalog, len(NAMES))
        yield found


async def test_nothing_of_a_name_runs_and_nothing_is_violated(closed: Running, browser: Browser) -> None:
    policy, exp, page = SignedLinks((SECRET.encode(),)), int(time.time()) + 600, browser.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await page.add_init_script(_WATCH)
    rows = (await closed.catalog.listing.page(limit=100)).rows
    assert {row.key for row in rows} == set(NAMES)
    await page.goto(closed.url + policy.sign_url("/", {}, exp))
    await browser.until(f"document.images.length === {len(NAMES)} && [...document.images].every(i => i.complete)")
    text = await page.inner_text("main")
    assert "alert(6)" in text, "it is shown as it is"
    assert await page.evaluate("window.violations") == []
    assert await page.evaluate("document.images.length === document.querySelectorAll('img.thumbnail').length")
    for row in rows:
        await page.goto(closed.url + policy.sign_url(f"/view/{row.id}", {}, exp))
        await browser.until("!!window.wsiViewer?.world.getItemAt(0)?.getFullyLoaded()")
        name = row.key.rpartition("/")[2]
        assert await page.evaluate("document.title") == name.replace("\n", " ").strip()
        assert await page.evaluate("document.querySelector('h1').textContent") == name
        assert await page.evaluate("window.violations") == []
    # Answers for scripts, opened as pages.
    await page.goto(closed.url + policy.sign_url("/slides", {"details": "1"}, exp))
    assert await page.evaluate("document.querySelectorAll('img, script[src], svg').length") == 0
    await page.goto(closed.url + "/view/%3Cimg%20src=x%20onerror=alert(1)%3E?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert await page.evaluate("document.images.length") == 0
    assert dialogs == []
    assert [p for p in browser.problems if "401" not in p] == []
    assert browser.hosts == {"127.0.0.1"}
