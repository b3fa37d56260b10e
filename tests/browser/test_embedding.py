"""A slide in a frame of another site's page, by a grant: what a real browser makes of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.async_api import Frame, Page

from tests.support.browser import DRAWN, Browser
from tests.support.in_process import running, wait_indexed
from tests.support.portal import portal
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.embedded import EMBEDDED_COOKIE
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.session_cookie import COOKIE, identity_session, seal

SLIDE = "CMU-1-Small-Region.svs"
ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
ADA = Caller(
    "identity",
    "https://idp.test|ada",
    frozenset({Permission.TILES}),
    Scope(("elsewhere/",)),
    frozenset({Role.VIEWER}),
    name="Ada",
)
RULES = '[{"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": ["elsewhere/"]}]'


async def until(frame: Frame, expression: str) -> None:
    """A frame that is being loaded has no document to ask."""
    async with asyncio.timeout(30):
        while True:
            try:
                if await frame.evaluate(expression):
                    return
            except Exception as error:
                if "Target" in str(error) and "closed" in str(error):
                    raise
            await asyncio.sleep(0.1)


async def framed(page: Page) -> Frame:
    async with asyncio.timeout(30):
        while len(page.frames) < 2:  # noqa: ASYNC110 - the page can't wake us
            await asyncio.sleep(0.05)
    return page.frames[1]


async def test_a_portal_shows_a_slide_by_a_grant(bucket: Bucket, database_url: str, browser: Browser) -> None:
    bucket.put(SLIDE, real_slide(SLIDE))
    page = browser.page
    async with portal() as listed, portal() as sibling, portal() as stranger:
        options = {
            "access": "oidc", "auth_secret": "a secret that is long enough", "public_url": "http://localhost:1",
            "oidc_issuer": "https://idp.test", "oidc_client_id": "viewer", "oidc_rules": RULES,
            "frame_ancestors": (listed.url, sibling.url.replace("127.0.0.1", "localhost")),
        }  # fmt: skip
        async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
            await wait_indexed(found.catalog, 1)
            url = f"http://localhost:{urlsplit(found.url).port}"  # another site than the portals'
            row = (await found.catalog.listing.page(limit=1)).rows[0]
            identities = found.access.identities
            assert identities is not None
            own = seal(
                found.access.config.keys, identity_session(ADA, identities.rules_version, time.time(), seconds=3600)
            )
            await page.context.add_cookies([{"name": COOKIE, "value": own, "url": url, "sameSite": "Lax"}])
            grant = await found.access.grants.issue(ADMIN, slide=row.id, expires_in=600)
            link = f"{url}{grant.path()}"

            # A portal that is named: the slide is drawn, and its session is renewed.
            listed.frame = link
            await page.goto(listed.url)
            frame = await framed(page)
            await until(frame, DRAWN)
            assert "grant" not in frame.url
            await browser.screenshot("embedded")
            renewed = "fetch('/auth/renew', {method: 'POST'}).then(answer => answer.status)"
            own_of_frame = renewed.replace("/renew", "/renew?embedded=1")
            assert await frame.evaluate(own_of_frame) == 200
            assert await frame.evaluate(renewed) == 401, "all that the page asks is marked"
            assert await frame.evaluate("document.cookie") == "", "no script gets at the session"
            cookies = {cookie["name"]: cookie for cookie in await page.context.cookies(url)}
            assert cookies[COOKIE]["value"] == own, "nobody's own session was replaced"
            assert cookies[EMBEDDED_COOKIE]["sameSite"] == "None"
            assert cookies[EMBEDDED_COOKIE]["secure"]

            # The portal's own page can't use the session, nor can a window of its own.
            asked = f"fetch('{url}/slides/{row.id}', {{credentials: 'include'}}).then(a => a.status, () => 'refused')"
            assert await page.evaluate(asked) == "refused"
            options_of = "{method: 'POST', mode: 'no-cors', credentials: 'include'}"
            posted = f"fetch('{url}/auth/logout', {options_of}).then(a => a.type, () => 'refused')"
            assert await page.evaluate(posted) == "refused"
            assert await frame.evaluate(own_of_frame) == 200, "still signed in"
            window = await page.context.new_page()
            answer = await window.goto(f"{url}/")
            assert answer is not None
            assert answer.status == 200
            assert "Ada" in await window.inner_text("header")
            answer = await window.goto(f"{url}/view/{row.id}")
            assert answer is not None
            assert answer.status == 403, "Ada may not see what the grant opens"
            await window.close()

            # A portal on our own site, into whose frame both sessions are sent: the frame's is meant there.
            sibling.frame = link
            await page.goto(sibling.url.replace("127.0.0.1", "localhost"))
            frame = await framed(page)
            await until(frame, DRAWN)
            assert await frame.evaluate("document.body.dataset.mark") == "embedded=1"
            assert urlsplit(frame.url).query == "embedded=1"
            assert await frame.evaluate(renewed) == 200, "Ada's own"
            assert await frame.evaluate(own_of_frame) == 200
            cookies = {cookie["name"]: cookie for cookie in await page.context.cookies(url)}
            assert {COOKIE, EMBEDDED_COOKIE} <= cookies.keys()
            assert cookies[COOKIE]["sameSite"] == "Lax"

            assert browser.hosts <= {"127.0.0.1", "localhost", ""}, "nobody else was asked"

            # Nobody signs in inside of a frame.
            listed.frame = f"{url}/"
            await page.context.clear_cookies(name=EMBEDDED_COOKIE)
            await page.goto(listed.url)
            frame = await framed(page)
            await until(frame, "!!document.querySelector('a[target=_blank]')")
            assert "new tab" in await frame.inner_text("main")
            await browser.screenshot("embedded-sign-in")

            # One that is not named shows nothing.
            browser.problems.clear()
            stranger.frame = link
            await page.goto(stranger.url)
            await browser.until("true")
            async with asyncio.timeout(30):
                while not any("frame-ancestors" in said for said in browser.problems):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert (await framed(page)).url.startswith("chrome-error:")
            await browser.screenshot("embedded-refused")

            # A grant that is revoked says so, in the frame.
            await found.access.grants.revoke(ADMIN, grant.grant.id)
            listed.frame = link
            await page.goto(listed.url)
            frame = await framed(page)
            await until(frame, "!!document.querySelector('main.notice')")
            assert "has been revoked" in await frame.inner_text("main")
            await browser.screenshot("embedded-revoked")


async def test_a_window_never_goes_on_by_a_frames_session(bucket: Bucket, database_url: str, browser: Browser) -> None:
    bucket.put(SLIDE, real_slide(SLIDE))
    page = browser.page
    async with portal() as sibling:
        options = {
            "access": "oidc", "auth_secret": "a secret that is long enough", "public_url": "http://localhost:1",
            "oidc_issuer": "https://idp.test", "oidc_client_id": "viewer",
            "oidc_rules": RULES.replace("elsewhere/", ""),
            "frame_ancestors": (sibling.url.replace("127.0.0.1", "localhost"),),
        }  # fmt: skip
        async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
            await wait_indexed(found.catalog, 1)
            url = f"http://localhost:{urlsplit(found.url).port}"  # the portal's own site: both sessions are sent everywhere
            row = (await found.catalog.listing.page(limit=1)).rows[0]
            identities = found.access.identities
            assert identities is not None
            ada = replace(ADA, scope=Scope(("",)))
            own = seal(
                found.access.config.keys, identity_session(ada, identities.rules_version, time.time(), seconds=3600)
            )
            await page.context.add_cookies([{"name": COOKIE, "value": own, "url": url, "sameSite": "Lax"}])
            grant = await found.access.grants.issue(ADMIN, slide=row.id, expires_in=600)
            sibling.frame = f"{url}{grant.path()}"
            await page.goto(sibling.url.replace("127.0.0.1", "localhost"))
            frame = await framed(page)
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            await until(frame, DRAWN)
            assert {COOKIE, EMBEDDED_COOKIE} <= {cookie["name"] for cookie in await page.context.cookies(url)}

            # Whatever the frame asks for is marked.
            await frame.evaluate(
                "{const v = window.wsiViewer.viewport; v.zoomTo(v.imageToViewportZoom(1), null, true); v.applyConstraints(true);}"
            )
            async with asyncio.timeout(30):
                while not any("/prefetch" in one for one in asked):  # noqa: ASYNC110 - a page to be polled
                    await asyncio.sleep(0.1)
            unmarked = [
                one for one in asked if "/static/" not in one and "embedded=1" not in one and one.startswith(url)
            ]
            assert unmarked == []

            # Ada's own page ends with her own session.
            await page.goto(f"{url}/view/{row.id}")
            await browser.until(DRAWN)
            assert await page.evaluate("document.body.dataset.mark") is None
            await page.context.clear_cookies(name=COOKIE)
            assert EMBEDDED_COOKIE in {cookie["name"] for cookie in await page.context.cookies(url)}
            browser.problems.clear()
            assert await page.evaluate("fetch('/auth/renew', {method: 'POST'}).then(answer => answer.status)") == 401
            tile = f"/tiles/{row.id}/0/0/0.jpg?v={row.version}"
            assert await page.evaluate(f"fetch('{tile}', {{cache: 'reload'}}).then(answer => answer.status)") == 401
            await page.evaluate(
                "{const v = window.wsiViewer.viewport; v.zoomTo(v.imageToViewportZoom(1), null, true); v.applyConstraints(true);}"
            )
            await browser.until("!document.querySelector('#notice').hidden")
            assert "session has ended" in await page.inner_text("#notice")
            await browser.screenshot("embedded-lapsed")
            browser.problems.clear()
