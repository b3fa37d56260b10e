"""Signing in with a real browser and a real identity provider: redirects, cookies and what other sites can't do with them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from litestar import Litestar, Request, Response, get
from playwright.async_api import ConsoleMessage, Frame, Page

from tests.integration.access.test_sign_in import Rows
from tests.support.browser import DRAWN, Browser
from tests.support.identity_provider import IdentityProvider, client_secret
from tests.support.in_process import running, wait_indexed
from tests.support.s3server import Bucket, free_port
from tests.support.slides import real_slide
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.ended_sessions import EndedSessions
from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.identities import Identities
from wsi_streamer.access.oidc.rules import parse_rules
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import Unauthorized
from wsi_streamer.tiles.sign_in_deps import SignInDeps
from wsi_streamer.tiles.sign_in_handlers import sent_to_sign_in, sign_in_handlers
from wsi_streamer.web.html_page import page as html_page
from wsi_streamer.web.server import bind, serve
from wsi_streamer.web.static_files import StaticFiles

RULES = '[{"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""]}]'
LOGOUT = '<p id="who">{}</p><form method="post" action="/auth/logout"><button id="out">Sign out</button></form>'
STATIC = StaticFiles({})


async def no_grants(grant_id: str, address: str) -> Caller:
    raise Unauthorized("There are no grants here.")


def app(identities: Identities, url: str) -> Litestar:
    """The routes of /auth, and a page that needs a session."""
    deps = SignInDeps(
        keys=SigningKeys.of([b"secret"]),
        public_url=url,
        session_seconds=3600,
        now=time.time,
        static=STATIC,
        address_of=lambda _: "127.0.0.1",
        renewed_grant=no_grants,
        ended=EndedSessions(Rows()),  # type: ignore[arg-type]
        identities=identities,
    )

    @get("/view/{name:str}")
    async def view(request: Request[Any, Any, Any]) -> Response[Any]:
        try:
            caller = identities.caller_of_session(deps.session_of(request))
        except Unauthorized:
            sent = sent_to_sign_in(request, identities)
            assert sent is not None
            return sent
        said = html_page(STATIC, "A slide", LOGOUT.format(caller.name))
        return Response(said.body, headers=dict(said.headers))

    return Litestar([view, *sign_in_handlers(deps)], logging_config=None)


@pytest.fixture
async def url(identity_provider: IdentityProvider) -> AsyncIterator[str]:
    """Of a service that people sign in to."""
    sock = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    secret = client_secret("viewer")
    config = OidcConfig(identity_provider.issuer, "viewer", secret, scopes=("openid",), rules=parse_rules(RULES))
    identities = Identities(config, time.time)
    stop, started = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve([(app(identities, url), sock)], stop=stop, on_started=started.set))
    await started.wait()
    yield url
    stop.set()
    await serving
    await identities.aclose()


async def test_signing_in_and_out(url: str, identity_provider: IdentityProvider, browser: Browser) -> None:
    page = browser.page
    await page.goto(f"{url}/view/s-1")
    assert page.url.startswith(identity_provider.issuer)
    await page.fill("input[name=login]", "ada")
    await page.fill("input[name=password]", "any")
    await page.click("button")
    await page.click("button")  # to the consent
    assert page.url == f"{url}/view/s-1"
    assert await page.inner_text("#who") == "Ada Lovelace"
    assert await page.evaluate("document.cookie") == "", "no script gets at the session"
    renewed = "fetch('/auth/renew', {method: 'POST'}).then(async a => [a.status, await a.json()])"
    assert await page.evaluate(renewed) == [200, {"renew_after": 600}]

    # A page of the provider stands for any other site: it may send the cookie along, and is refused.
    await page.goto(f"{identity_provider.issuer}/jwks")
    for path in ("logout", "renew"):
        sent = (
            f"fetch('{url}/auth/{path}', {{method: 'POST', mode: 'no-cors', credentials: 'include'}}).then(a => a.type)"
        )
        assert await page.evaluate(sent) == "opaque"
    await page.goto(f"{url}/view/s-2")
    assert await page.inner_text("#who") == "Ada Lovelace", "still signed in"

    await page.click("#out")
    assert "signed out" in await page.inner_text("main")
    cookies = {cookie["name"] for cookie in await page.context.cookies(url)}
    assert not {name for name in cookies if name.startswith("wsi_")}
    await page.goto(f"{url}/view/s-3")
    assert await page.locator("input[name=login]").count() == 0, "the provider still knows ada"
    await page.click("button")  # to the consent, which it asks of native clients every time
    assert page.url == f"{url}/view/s-3"


_LOOK = "(({x, y, downsample, rotation, flipped}) => [x, y, downsample, rotation, flipped])(window.wsiWorkspace.panes[0].look())"
_PLACE = "x=1234.5&y=900.25&z=2.5&r=30&flip=1"
_ELSEWHERE = "x=600&y=500&z=0.25"
_SCREENS: tuple[tuple[str, Literal["dark", "light"], str], ...] = (
    ("en", "dark", "You are not signed in"),
    ("ja", "light", "サインインしていません"),
)
_EXPECTED = re.compile(r"status of 401|ERR_FAILED|fonts\.googleapis")
"""What Chromium says of any answer 401, of the script that is held back, and of the font of the provider's forms."""


async def through_forms(page: Page, url: str) -> None:
    """Signs in at the provider's forms, in the last of which no fragment is left, and comes back to a slide."""
    await page.wait_for_selector("input[name=login]")
    await page.fill("input[name=login]", "ada")
    await page.fill("input[name=password]", "any")
    await page.click("button")
    await page.wait_for_selector("input[name=login]", state="detached")
    await page.click("button")  # to the consent
    await page.wait_for_url(re.compile(re.escape(f"{url}/view/")))


@pytest.mark.timeout(240)
async def test_a_link_to_a_place_outlives_signing_in(
    bucket: Bucket, database_url: str, identity_provider: IdentityProvider, browser: Browser
) -> None:
    bucket.put("a.svs", real_slide("CMU-1-Small-Region.svs"))
    page, port = browser.page, free_port()
    options = {
        "access": "oidc", "auth_secret": "a secret that is long enough", "public_url": f"http://127.0.0.1:{port}",
        "oidc_issuer": identity_provider.issuer, "oidc_client_id": "viewer", "oidc_rules": RULES,
        "oidc_client_secret": client_secret("viewer"), "oidc_scopes": ("openid",),
    }  # fmt: skip
    at_the_provider: list[str] = []

    def note(frame: Frame) -> None:
        if frame.url.startswith(identity_provider.issuer):
            at_the_provider.append(urlsplit(frame.url).fragment)

    page.on("framenavigated", note)
    ours: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].startswith(identity_provider.issuer):
            ours.append(f"{message.location['url']}: {message.text}")

    page.on("console", hear)
    async with running(database_url, bucket.name, bucket.server.endpoint, port=port, **options) as found:
        await wait_indexed(found.catalog, 1)
        row = (await found.catalog.listing.page(limit=1)).rows[0]

        async def at_the_place(fragment: str, *look: object) -> None:
            await browser.until(DRAWN)
            await browser.until(f"Math.abs({_LOOK}[0] - {look[0]}) < 0.01")
            assert await page.evaluate(_LOOK) == pytest.approx(look, abs=1e-3)
            await browser.until(f"location.hash === '#{fragment}'")

        # Somebody opens a link that they were sent, and has to sign in.
        await page.goto(f"{found.url}/view/{row.id}#{_PLACE}")
        await through_forms(page, found.url)
        await at_the_place(_PLACE, 1234.5, 900.25, 2.5, 30, True)
        await browser.screenshot("signed-in-at-the-place")
        assert at_the_provider
        assert not any(at_the_provider), "the place is not the provider's business"

        # They look elsewhere; and their session ends, at the provider, too.
        await page.context.clear_cookies()
        await page.evaluate(f"location.hash = '{_ELSEWHERE}'")
        await browser.until("document.querySelector('#notice').innerText.includes('Your session has ended')")
        await browser.screenshot("session-over-elsewhere")
        await page.get_by_role("button", name="Sign in again").click()
        await through_forms(page, found.url)
        await at_the_place(_ELSEWHERE, 600, 500, 0.25, 0, False)

        # The plain address shows the whole slide once more, in the same tab.
        await page.context.clear_cookies()
        await page.goto("about:blank")
        await page.goto(f"{found.url}/view/{row.id}")
        await through_forms(page, found.url)
        await browser.until(DRAWN)
        assert await page.evaluate("window.wsiViewer.viewport.getRotation()") == 0
        assert urlsplit(page.url).fragment == ""

        # Where the script does not run the page stays, and its link leads on.
        await page.route("**/static/sign-in-*.js", lambda route: route.abort())
        await page.context.clear_cookies()
        for language, theme, said in _SCREENS:
            await page.set_extra_http_headers({"accept-language": language})
            await page.emulate_media(color_scheme=theme)
            await page.goto("about:blank")
            await page.goto(f"{found.url}/view/{row.id}#{_PLACE}")
            assert await page.inner_text("h1") == said
            await browser.screenshot(f"before-signing-in-{theme}")
        await page.click("#sign-in")
        await page.wait_for_selector("input[name=login]")
        assert [text for text in ours if not _EXPECTED.search(text)] == []
