"""A grant's link on another site, opened by one who has signed in: what a real browser makes of it."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from tests.support.browser import Browser
from tests.support.in_process import running
from tests.support.s3server import Bucket
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.session_cookie import COOKIE, identity_session, seal

ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
ADA = Caller(
    "identity", "https://idp.test|ada", frozenset({Permission.TILES}), Scope.all(), frozenset({Role.VIEWER}), name="Ada"
)
RULES = '[{"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""]}]'


async def test_another_sites_link_asks_and_ours_goes_on(bucket: Bucket, database_url: str, browser: Browser) -> None:
    options = {
        "access": "oidc", "auth_secret": "a secret that is long enough", "public_url": "http://127.0.0.1:1",
        "oidc_issuer": "https://idp.test", "oidc_client_id": "viewer", "oidc_rules": RULES,
    }  # fmt: skip
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
        identities, page = found.access.identities, browser.page
        assert identities is not None
        session = seal(
            found.access.config.keys, identity_session(ADA, identities.rules_version, time.time(), seconds=3600)
        )
        await page.context.add_cookies([{"name": COOKIE, "value": session, "url": found.url, "sameSite": "Lax"}])
        link = (await found.access.grants.issue(ADMIN, prefix="teaching/", expires_in=600)).path()

        async def from_elsewhere() -> None:
            await page.goto(f"http://localhost:{urlsplit(found.url).port}/health")  # another site than 127.0.0.1
            async with page.expect_navigation():
                await page.evaluate(f"location.href = '{found.url}{link}'")

        async def cookie() -> str:
            (one,) = [c["value"] for c in await page.context.cookies(found.url) if c["name"] == COOKIE]
            return one

        await from_elsewhere()
        assert "You are signed in as Ada." in await page.inner_text("main")
        assert await cookie() == session
        await page.click("text=Stay signed in")
        assert page.url == f"{found.url}/"
        assert await cookie() == session
        await from_elsewhere()
        await page.reload()
        assert "You are signed in as Ada." in await page.inner_text("main")
        await page.click("text=Open the link")
        assert page.url == f"{found.url}/", "and no token in the address"
        assert await cookie() != session
