"""Signing in with a real browser and a real identity provider: redirects, cookies and what other sites can't do with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get

from tests.integration.access.test_sign_in import Rows
from tests.support.browser import Browser
from tests.support.identity_provider import IdentityProvider, client_secret
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
