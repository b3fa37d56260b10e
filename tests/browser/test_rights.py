"""A right that ends while a slide is on the screen: the picture stays, nothing is asked for in vain, and a new right goes on."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import BrowserContext, Frame, Page, Request, Response, Route

from tests.support.browser import DRAWN, FRAME, PATIENCE, Browser
from tests.support.clock import Clock
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.session_cookie import COOKIE, identity_session, seal
from wsi_streamer.access.signed_links import SignedLinks

SLIDE = "CMU-1-Small-Region.svs"
SECRET = "a secret that is long enough"
MOST_IN_FLIGHT = 10
ADA = Caller(
    "identity", "https://idp.test|ada", frozenset({Permission.TILES, Permission.METADATA}), Scope.all(),
    frozenset({Role.VIEWER}), name="Ada",
)  # fmt: skip
RULES = '[{"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""]}]'

_TILES = re.compile(r"/(tiles|dzi_files)/")
_NOTICE = "document.querySelector('#notice').hidden ? '' : document.querySelector('#notice').innerText"
_KEEP = """{
    window.kept = window.wsiViewer.world.getItemAt(0);
    window.wsiViewer.addHandler("tile-unloaded", () => { window.lost = true; });
}"""
"""What would be another one, or gone, had the picture been made anew."""
_IS_KEPT = "window.kept === window.wsiViewer.world.getItemAt(0) && !window.lost"
_FULL_SIZE = "{ const v = window.wsiViewer.viewport; v.zoomTo(v.imageToViewportZoom(1), null, true) }"
_BY_A_SCREEN = """{
    const v = window.wsiViewer.viewport, to = v.getCenter();
    to.y += v.getBounds().height * 0.8;
    v.panTo(to, true);
}"""


@dataclass(slots=True)
class Answers:
    """Statuses of what the page asks for of the slide's picture."""

    statuses: list[int] = field(default_factory=list)
    in_flight: set[Request] = field(default_factory=set)

    @classmethod
    def to(cls, context: BrowserContext) -> Answers:
        found = cls()

        def note(response: Response) -> None:
            if _TILES.search(response.url) and "/prefetch" not in response.url:
                found.statuses.append(response.status)

        def begun(request: Request) -> None:
            if _TILES.search(request.url):
                found.in_flight.add(request)

        def ended(request: Request) -> None:
            found.in_flight.discard(request)

        context.on("response", note)
        context.on("request", begun)
        context.on("requestfinished", ended)
        context.on("requestfailed", ended)
        return found

    async def all_there(self) -> int:
        """How many there are, once nothing is in flight and several looks have found the same."""
        looks, last = 0, -1
        async with asyncio.timeout(PATIENCE):
            while looks < 5:
                await asyncio.sleep(0.2)
                looks = looks + 1 if not self.in_flight and len(self.statuses) == last else 0
                last = len(self.statuses)
        return last


async def until(shown: Page | Frame, expression: str, seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not await shown.evaluate(expression):  # noqa: ASYNC110 - the page can't wake us
            await asyncio.sleep(0.05)


async def until_refused(shown: Page | Frame, answers: Answers, words: str) -> None:
    """Ask for what the right has ended for; a sentence says so, and after a first handful nothing more is asked for."""
    answers.statuses.clear()
    await shown.evaluate(_FULL_SIZE)
    await until(shown, f"({_NOTICE}).includes({words!r})")
    refused = await answers.all_there()
    assert 1 <= refused <= MOST_IN_FLIGHT
    assert set(answers.statuses) == {401}
    await shown.evaluate(_BY_A_SCREEN)
    await shown.evaluate(FRAME)
    assert await answers.all_there() == refused, "nothing more is asked for"
    assert await shown.evaluate(_IS_KEPT)


async def until_back(shown: Page | Frame, answers: Answers) -> None:
    """All that waited comes, and the picture was never another one."""
    await until(shown, f"({_NOTICE}) === ''")
    await until(shown, DRAWN)
    await answers.all_there()
    assert answers.statuses.count(200) >= 12
    assert await shown.evaluate(_IS_KEPT)
    missing = (
        "Object.values(window.kept.tilesMatrix).flatMap(Object.values).flatMap(Object.values).some(t => !t.exists)"
    )
    assert not await shown.evaluate(missing), "no tile counts as failed"


@pytest.fixture
async def indexed(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(SLIDE, real_slide(SLIDE))
    async with running(database_url, bucket.name, bucket.server.endpoint) as found:
        await wait_indexed(found.catalog, 1)
        yield found


async def test_a_link_in_a_frame_ends_and_its_parent_brings_a_new_one(
    indexed: Running, bucket: Bucket, database_url: str, browser: Browser
) -> None:
    del indexed
    page, links = browser.page, SignedLinks((SECRET.encode(),))

    async def parent(route: Route) -> None:
        script = "window.told = []; addEventListener('message', e => told.push(e.data));"
        body = f"<script>{script}</script><iframe width=1200 height=760></iframe>"
        await route.fulfill(content_type="text/html", body=body)

    options = {"auth_enabled": True, "auth_secret": SECRET, "indexer": False}
    # For the page the link ends in less than two minutes; for the server it does when the test says so.
    clock = Clock(ahead=-600)
    async with running(database_url, bucket.name, bucket.server.endpoint, now=clock, **options) as closed:
        answers = Answers.to(page.context)
        await page.route("**/case.html", parent)
        await page.goto(f"{closed.url}/case.html")
        expires = int(time.time()) + 100
        link = links.sign_url(f"/view/{SLIDE}", {}, expires)
        await page.evaluate(f"document.querySelector('iframe').src = {link!r}")
        async with asyncio.timeout(PATIENCE):
            while len(page.frames) < 2 or "/view/" not in page.frames[1].url:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        frame = page.frames[1]
        await until(frame, DRAWN)
        await frame.evaluate(_KEEP)
        assert await page.evaluate("told") == [{"type": "wsi-streamer:access-ending", "expires": expires}]
        await until(frame, f"({_NOTICE}).includes('less than two minutes')")
        await browser.screenshot("link-ends")
        await frame.click("text=Close")
        assert await frame.evaluate(_NOTICE) == ""

        await answers.all_there()
        clock.ahead = 600
        await until_refused(frame, answers, "The link has expired. Open a new link")
        await browser.screenshot("link-ended")
        later = int(time.time()) + 6000
        renewal = {"type": "wsi-streamer:access", "exp": later, "vt": links.viewer_token(SLIDE, later)}
        # The page's own listener was there first: once this one is told, that one has been.
        await frame.evaluate(
            """renewal => new Promise(heard => {
                addEventListener("message", heard, {once: true});
                window.postMessage(renewal, "*");
            })""",
            renewal,
        )
        assert "expired" in await frame.evaluate(_NOTICE), "not from anyone but the parent"
        await page.evaluate("renewal => frames[0].postMessage(renewal, '*')", renewal)
        await until_back(frame, answers)
        await browser.screenshot("link-renewed")


async def test_a_session_ends_and_signing_in_in_another_tab_goes_on(
    indexed: Running, bucket: Bucket, database_url: str, browser: Browser
) -> None:
    page = browser.page
    row = (await indexed.catalog.listing.page(limit=1)).rows[0]
    options = {
        "access": "oidc", "auth_secret": SECRET, "public_url": "http://127.0.0.1:1", "oidc_issuer": "https://idp.test",
        "oidc_client_id": "viewer", "oidc_rules": RULES, "indexer": False,
    }  # fmt: skip
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as closed:
        identities = closed.access.identities
        assert identities is not None

        async def sign_in() -> None:
            session = identity_session(ADA, identities.rules_version, time.time(), seconds=3600)
            value = seal(closed.access.config.keys, session)
            await page.context.add_cookies([{"name": COOKIE, "value": value, "url": closed.url, "sameSite": "Lax"}])

        answers = Answers.to(page.context)
        await sign_in()
        await page.goto(f"{closed.url}/view/{row.id}")
        await until(page, DRAWN)
        await page.evaluate(_KEEP)
        await answers.all_there()
        await page.context.clear_cookies()
        await until_refused(page, answers, "Your session has ended.")
        assert await page.get_by_role("button", name="Sign in again").is_visible()
        await browser.screenshot("session-ended")
        await sign_in()
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await until_back(page, answers)
        await browser.screenshot("session-back")
