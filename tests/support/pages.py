"""Every kind of page that people see, and how to get there: for tests of what is true of all of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.browser import DRAWN, Browser
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.slides import real_slide
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import GRANTABLE, Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.session_cookie import COOKIE, identity_session, seal

SLIDE = "teaching/CMU-1-Small-Region.svs"
BROKEN = "teaching/damaged.svs"

ADA = Caller(
    "identity",
    "https://idp.test|ada",
    GRANTABLE | {Permission.GRANT},
    Scope(("",)),
    frozenset({Role.VIEWER}),
    name="Ada Lovelace",
)
_ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
_RULES = (
    '[{"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""], '
    '"permissions": ["metadata", "label", "macro", "download", "grant"]}]'
)


@dataclass(frozen=True, slots=True)
class Site:
    """A service with a slide and a damaged one, in a browser where Ada has signed in."""

    services: Running
    browser: Browser
    slide: str
    broken: str
    grant: str
    """A grant's link, as a path."""

    @property
    def url(self) -> str:
        return self.services.url

    async def open(self, path: str, until: str) -> None:
        """Go there, and wait for it to be whole."""
        await self.browser.page.goto(f"{self.url}{path}")
        await self.browser.until(until)


Steps = Callable[[Site], Awaitable[None]]
_NOTICE = "!!document.querySelector('main.notice')"


async def _gallery(site: Site) -> None:
    await site.open("/", "document.images.length > 0 && [...document.images].every(i => i.naturalWidth > 0)")


async def _view(site: Site) -> None:
    await site.open(f"/view/{site.slide}", DRAWN)


async def _on_view(site: Site) -> None:
    """The view that is shown already, without what was opened there; else it is opened."""
    if urlsplit(site.browser.page.url).path != f"/view/{site.slide}":
        await _view(site)
    await site.browser.page.keyboard.press("Escape")
    await site.browser.until("document.querySelector('dialog[open]') === null")


def _panel(key: str) -> Steps:
    """Opened by its key, at the side of the slide."""

    async def steps(site: Site) -> None:
        await _on_view(site)
        await site.browser.page.keyboard.press(key)
        await site.browser.until("document.querySelector('.side-panel:not([hidden]) .side-panel-body')?.innerText > ''")

    return steps


def _dialog(key: str) -> Steps:
    async def steps(site: Site) -> None:
        await _on_view(site)
        await site.browser.page.keyboard.press(key)
        await site.browser.until("document.querySelector('dialog[open]')?.innerText > ''")

    return steps


async def _table(site: Site) -> None:
    await _gallery(site)
    await site.browser.page.click(".kinds button:last-child")
    await site.browser.until("document.querySelector('[role=columnheader]') !== null")


async def _marked(site: Site) -> None:
    """A distance, and the list of marks."""
    await _on_view(site)
    page = site.browser.page
    await page.keyboard.press("m")
    for x in (400, 600):
        await page.mouse.click(x, 400)
    await _panel("e")(site)


async def _compared(site: Site) -> None:
    """Two panes."""
    await site.open(f"/view/{site.slide}#with={site.slide}", DRAWN)
    await site.browser.until("document.querySelectorAll('.openseadragon-canvas').length >= 2")


async def _chosen(site: Site) -> None:
    """A slide is ticked."""
    await _gallery(site)
    await site.browser.page.check("label.tick input >> nth=0")
    await site.browser.until("document.querySelector('.selection:not([hidden])') !== null")


async def _not_found(site: Site) -> None:
    await site.open("/view/s-" + "a" * 24, _NOTICE)


async def _broken(site: Site) -> None:
    await site.open(f"/view/{site.broken}", _NOTICE)


async def _sign_in_failed(site: Site) -> None:
    await site.open("/auth/callback?state=x&code=y", _NOTICE)


async def _link_question(site: Site) -> None:
    page = site.browser.page
    await page.goto(f"http://localhost:{urlsplit(site.url).port}/health")  # another site than 127.0.0.1
    async with page.expect_navigation():
        await page.evaluate(f"location.href = '{site.url}{site.grant}'")
    await site.browser.until(_NOTICE)


PAGES: tuple[tuple[str, Steps], ...] = (
    ("gallery", _gallery),
    ("table", _table),
    ("view", _view),
    ("view-info", _panel("i")),
    ("view-picture", _panel("b")),
    ("view-marked", _marked),
    ("view-keys", _dialog("?")),
    ("view-compare", _dialog("c")),
    ("not-found", _not_found),
    ("damaged", _broken),
    ("sign-in-failed", _sign_in_failed),
    ("link-question", _link_question),
    ("chosen", _chosen),
    ("view-compared", _compared),
)
"""A view of another part of the viewer is one more row: its name, and the steps that lead there."""


@contextlib.asynccontextmanager
async def site(bucket: Bucket, database_url: str, browser: Browser) -> AsyncIterator[Site]:
    """One that runs."""
    bucket.put(SLIDE, real_slide("CMU-1-Small-Region.svs"))
    bucket.put(BROKEN, b"II*\0" + bytes(200))
    options = {
        "access": "oidc", "auth_secret": "a secret that is long enough", "public_url": "http://127.0.0.1:1",
        "oidc_issuer": "https://idp.test", "oidc_client_id": "viewer", "oidc_rules": _RULES,
    }  # fmt: skip
    async with running(database_url, bucket.name, bucket.server.endpoint, **options) as found:
        await wait_indexed(found.catalog, 2)
        rows = {row.key: row.id for row in (await found.catalog.listing.page(limit=9)).rows}
        identities = found.access.identities
        assert identities is not None
        session = identity_session(ADA, identities.rules_version, time.time(), seconds=3600)
        cookie = seal(found.access.config.keys, session)
        await browser.page.context.add_cookies([{"name": COOKIE, "value": cookie, "url": found.url, "sameSite": "Lax"}])
        grant = await found.access.grants.issue(_ADMIN, prefix="teaching/", expires_in=600)
        yield Site(found, browser, rows[SLIDE], rows[BROKEN], grant.path())
