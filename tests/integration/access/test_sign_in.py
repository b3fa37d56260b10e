"""Signing in through a browser's cookies and redirects, against a real provider; and the session afterwards."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar, Request
from msgspec.structs import replace

from tests.integration.access.test_oidc import config
from tests.support.identity_provider import IdentityProvider
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.ended_sessions import EndedSessions
from wsi_streamer.access.oidc.identities import Identities
from wsi_streamer.access.oidc.rules import parse_rules
from wsi_streamer.access.oidc.sign_in import MAX_AT_A_TIME, SECONDS
from wsi_streamer.access.session_cookie import COOKIE, RENEW_SECONDS, cookie_value, grant_session, seal, unseal
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.slides.errors import TooManyFailures, Unauthorized, WsiError
from wsi_streamer.tiles.sign_in_deps import SignInDeps
from wsi_streamer.tiles.sign_in_handlers import sign_in_handlers
from wsi_streamer.web.errors import EXCEPTION_HANDLERS
from wsi_streamer.web.static_files import StaticFiles

URL = "http://127.0.0.1:4711"
KEYS = SigningKeys.of([b"secret"])
PEOPLE = {"accept": "text/html,*/*"}
OURS = {"sec-fetch-site": "same-origin"}
HOURS = 12 * 3600


class Rows:
    """The table of ended sessions."""

    def __init__(self) -> None:
        self.sids: dict[str, datetime] = {}

    async def add(self, sid: str, ends: datetime) -> None:
        self.sids[sid] = ends

    async def has(self, sid: str) -> bool:
        return sid in self.sids


class Service:
    """The routes of /auth, with a clock and a record of who came and went."""

    def __init__(self, identities: Identities, public_url: str = URL) -> None:
        self.ahead = 0.0
        self.events: list[tuple[str, str, str]] = []
        self.patience = 99
        self.rows = Rows()
        self.over = False
        self.denials: list[tuple[str, str]] = []
        self.grants: dict[str, int] = {}
        self.deps = SignInDeps(
            keys=KEYS,
            public_url=public_url,
            session_seconds=HOURS,
            now=self.now,
            static=StaticFiles({}),
            address_of=lambda _: "192.0.2.1",
            renewed_grant=self.renewed_grant,
            ended=EndedSessions(self.rows),  # type: ignore[arg-type]
            identities=identities,
            recorded=self.recorded,
            denied=self.denied,
            check_patience=self.check_patience,
        )
        self.app = Litestar(sign_in_handlers(self.deps), exception_handlers=EXCEPTION_HANDLERS, logging_config=None)

    def now(self) -> float:
        return time.time() + self.ahead

    async def recorded(self, action: str, caller: Caller | None, address: str) -> None:
        self.events.append((action, caller.id if caller else "", address))

    def denied(self, error: WsiError, request: Request[Any, Any, Any]) -> WsiError:
        self.denials.append((error.code, request.url.path))
        return TooManyFailures("Wait a minute.") if len(self.denials) > self.patience else error

    def check_patience(self, request: Request[Any, Any, Any]) -> None:
        if self.over:
            raise TooManyFailures("Wait a minute.")

    async def renewed_grant(self, grant_id: str, address: str) -> Caller:
        if grant_id not in self.grants:
            raise Unauthorized("The grant was revoked.")
        return Caller("grant", grant_id, expires=self.grants[grant_id], grant_id=grant_id)

    def browser(self, base: str = URL) -> httpx.AsyncClient:
        """One with cookies of its own."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=base, headers=PEOPLE)


@pytest_asyncio.fixture
async def service(identity_provider: IdentityProvider) -> AsyncIterator[Service]:
    """In front of the provider."""
    identities = Identities(config(identity_provider), time.time)
    yield Service(identities)
    await identities.aclose()


async def begin(
    browser: httpx.AsyncClient, provider: IdentityProvider, user: str = "ada", after: str = "/view/s-1"
) -> str:
    """To the provider and through its forms; the URL it leads back to."""
    answer = await browser.get("/auth/login", params={"next": after})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{provider.issuer}/auth?")
    return await provider.through_forms(answer.headers["location"], user)


async def signed_in(browser: httpx.AsyncClient, provider: IdentityProvider, user: str = "ada") -> httpx.Response:
    """Begin, and come back."""
    return await browser.get(await begin(browser, provider, user))


async def test_signing_in_leads_back_to_the_page(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        answer = await signed_in(browser, identity_provider)
        assert (answer.status_code, answer.headers["location"]) == (303, "/view/s-1")
        assert answer.headers["cache-control"] == "no-store"
        assert set(browser.cookies) == {COOKIE}  # that of the sign-in has gone
        session_header = next(h for h in answer.headers.get_list("set-cookie") if h.startswith(COOKIE))
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(session_header.split("; "))
        caller = unseal(KEYS, browser.cookies[COOKIE], time.time()).caller()
        assert (caller.id, caller.name) == (f"{identity_provider.issuer}|ada", "Ada Lovelace")
    assert service.events == [("sign-in", f"{identity_provider.issuer}|ada", "192.0.2.1")]


async def test_two_tabs_sign_in_at_a_time(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        first = await begin(browser, identity_provider, after="/view/first")
        second = await begin(browser, identity_provider, after="/view/second")
        assert (await browser.get(second)).headers["location"] == "/view/second"
        assert (await browser.get(first)).headers["location"] == "/view/first"


async def test_many_tabs_do_not_fill_the_headers(service: Service) -> None:
    async with service.browser() as browser:
        for _ in range(MAX_AT_A_TIME + 5):
            await browser.get("/auth/login")
        assert len(browser.cookies) == MAX_AT_A_TIME


async def test_cookies_of_https_are_guarded(identity_provider: IdentityProvider, service: Service) -> None:
    https = Service(service.deps.identities, "https://slides.test")  # type: ignore[arg-type]
    async with https.browser("https://slides.test") as browser:
        answer = await browser.get("/auth/login", headers={"host": "evil.test", "x-forwarded-host": "evil.test"})
        sent = parse_qs(urlsplit(answer.headers["location"]).query)
        assert sent["redirect_uri"] == ["https://slides.test/auth/callback"]  # whatever a request says of its host
        assert (sent["code_challenge_method"], len(sent["code_challenge"][0])) == (["S256"], 43)
        (name,) = browser.cookies
        assert name.startswith("__Host-wsi_sign_in_")
        assert "; Secure" in answer.headers["set-cookie"]


async def test_an_answer_in_another_browser_is_refused(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as mallory, service.browser() as ada:
        location = await begin(mallory, identity_provider, "bob")
        for answer in (
            await ada.get(location),
            await ada.get("/auth/callback"),
            await ada.get("/auth/callback?code=x&state="),
        ):
            assert answer.status_code == 401
            assert "another browser" in answer.text
            assert COOKIE not in ada.cookies
        await begin(ada, identity_provider)  # ada's own sign-in does not take mallory's answer, either
        assert (await ada.get(location)).status_code == 401
    assert service.events == []


async def test_an_answer_counts_once_and_not_for_long(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        location = await begin(browser, identity_provider)
        cookies = dict(browser.cookies)
        service.ahead = SECONDS + 1
        assert (await browser.get(location)).status_code == 401
        service.ahead = 0
        assert (await browser.get(location)).status_code == 303
        browser.cookies.update(cookies)
        assert (await browser.get(location)).status_code == 401


async def test_the_providers_refusal_is_told_without_its_words(
    identity_provider: IdentityProvider, service: Service
) -> None:
    async with service.browser() as browser:
        state = parse_qs(urlsplit((await browser.get("/auth/login")).headers["location"]).query)["state"][0]
        query = {"state": state, "error": "access_denied", "error_description": "<script>alert(1)</script>"}
        answer = await browser.get("/auth/callback", params=query)
        assert answer.status_code == 401
        assert "did not let you in" in answer.text
        assert "alert" not in answer.text


async def test_who_has_no_right_here_gets_no_session(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        answer = await signed_in(browser, identity_provider, "eve")
        assert answer.status_code == 403
        assert "nothing here is open to you" in answer.text
        assert COOKIE not in browser.cookies


@pytest.mark.parametrize("after", ["//evil.test", "https://evil.test", "/\\evil.test", "/\tevil.test", "/auth/logout"])
async def test_no_other_site_is_reached(identity_provider: IdentityProvider, service: Service, after: str) -> None:
    async with service.browser() as browser:
        answer = await browser.get(await begin(browser, identity_provider, after=after))
        assert answer.headers["location"] == "/"


async def test_the_provider_being_down_is_said(identity_provider: IdentityProvider, service: Service) -> None:
    identity_provider.stop()
    async with service.browser() as browser:
        answer = await browser.get("/auth/login")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        answer = await browser.get("/auth/login", headers={"accept": "*/*"})
        assert answer.json()["error"] == "identity_provider_unavailable"


async def test_a_session_is_renewed_until_it_ends(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        await signed_in(browser, identity_provider)
        service.ahead = RENEW_SECONDS - 10
        answer = await browser.post("/auth/renew", headers=OURS)
        assert (answer.status_code, answer.json()) == (200, {"renew_after": RENEW_SECONDS * 2 // 3})
        service.ahead = 2 * RENEW_SECONDS - 20
        assert (await browser.post("/auth/renew", headers=OURS)).status_code == 200
        service.ahead += RENEW_SECONDS + 1
        answer = await browser.post("/auth/renew", headers=OURS | {"accept": "*/*"})
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")


async def test_a_session_does_not_outlive_the_rules(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        await signed_in(browser, identity_provider)
        fewer = Identities(config(identity_provider, rules=parse_rules("[]")), time.time)
        after = Service(fewer)
        async with after.browser() as later:
            later.cookies.update(browser.cookies)
            assert (await later.post("/auth/renew", headers=OURS)).status_code == 401


async def test_a_grants_session_is_renewed_while_it_lasts(service: Service) -> None:
    async with service.browser() as browser:
        service.grants["g-1"] = int(time.time()) + 7200
        browser.cookies.set(COOKIE, seal(KEYS, grant_session("g-1", time.time(), service.grants["g-1"])))
        assert (await browser.post("/auth/renew", headers=OURS)).status_code == 200
        browser.cookies.set(COOKIE, seal(KEYS, grant_session("g-1", time.time(), service.grants["g-1"])))
        service.grants.clear()
        assert (await browser.post("/auth/renew", headers=OURS)).status_code == 401


async def test_grants_renew_where_nobody_signs_in(service: Service) -> None:
    signed = Service(None, None)  # type: ignore[arg-type]
    signed.grants["g-1"] = int(time.time()) + 60
    async with signed.browser() as browser:
        assert (await browser.get("/auth/login")).status_code == 404
        browser.cookies.set(COOKIE, seal(KEYS, grant_session("g-1", time.time(), signed.grants["g-1"])))
        answer = await browser.post("/auth/renew", headers={"origin": URL})
        assert answer.json() == {"renew_after": 61}


@pytest.mark.parametrize("path", ["/auth/renew", "/auth/logout"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site", "origin": URL}, {"sec-fetch-site": "same-site"},
     {"origin": "null"}],
)  # fmt: skip
async def test_other_sites_can_neither_renew_nor_sign_out(
    identity_provider: IdentityProvider, service: Service, path: str, headers: dict[str, str]
) -> None:
    async with service.browser() as browser:
        await signed_in(browser, identity_provider)
        answer = await browser.post(path, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_refusals_are_told_and_end_in_a_pause(identity_provider: IdentityProvider, service: Service) -> None:
    service.patience = 2
    async with service.browser() as browser:
        await signed_in(browser, identity_provider, "eve")
        assert (await browser.post("/auth/renew", headers=OURS)).status_code == 401
        assert service.denials == [("forbidden", "/auth/callback"), ("unauthorized", "/auth/renew")]
        assert (await browser.get("/auth/callback?code=x&state=y")).status_code == 429


async def test_a_code_is_exchanged_once(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        answer = await browser.get("/auth/login")
        state = parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]
        cookies = dict(browser.cookies)
        asked = identity_provider.counts().get("/token", 0)
        for i in range(20):
            browser.cookies.clear()
            browser.cookies.update(cookies)
            query = {"state": state, "code": f"junk{i}", "iss": identity_provider.issuer}
            assert (await browser.get("/auth/callback", params=query)).status_code == 401
        assert identity_provider.counts()["/token"] == asked + 1


async def test_who_was_refused_too_often_has_the_provider_asked_for_nothing(
    identity_provider: IdentityProvider, service: Service
) -> None:
    async with service.browser() as browser:
        there = await begin(browser, identity_provider)
        asked = identity_provider.counts().get("/token", 0)
        service.over = True
        assert (await browser.get(there)).status_code == 429
        assert identity_provider.counts().get("/token", 0) == asked
        service.over = False
        assert (await browser.get(there)).status_code == 303  # what was turned away was not used up


async def test_signing_out(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        await signed_in(browser, identity_provider)
        answer = await browser.post("/auth/logout", headers=OURS)
        assert answer.status_code == 200
        assert answer.headers["clear-site-data"] == '"cache"'
        assert re.search("signed out", answer.text)
        assert COOKIE not in browser.cookies
        assert [event[0] for event in service.events] == ["sign-in", "sign-out"]
        answer = await browser.post("/auth/logout", headers=OURS | {"accept": "*/*"})
        assert answer.status_code == 204  # nobody was signed in


async def test_signing_out_ends_copies_of_the_cookie(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser, service.browser() as thief, service.browser() as phone:
        await signed_in(browser, identity_provider)
        await signed_in(phone, identity_provider)
        thief.cookies.update(browser.cookies)
        assert (await thief.post("/auth/renew", headers=OURS)).status_code == 200  # a copy's copy is the same session
        await browser.post("/auth/logout", headers=OURS)
        (ends,) = service.rows.sids.values()
        assert HOURS - 60 < ends.timestamp() - time.time() <= HOURS
        for other in (service, Service(service.deps.identities)):  # another worker has heard nothing, and asks
            other.rows.sids.update(service.rows.sids)
            async with other.browser() as copy:
                copy.cookies.update(thief.cookies)
                answer = await copy.post("/auth/renew", headers=OURS)
                assert answer.status_code == 401
                assert "set-cookie" not in answer.headers
                await copy.post("/auth/logout", headers=OURS)
        assert [event[0] for event in service.events] == ["sign-in", "sign-in", "sign-out"]  # and nothing of the copy
        assert (await phone.post("/auth/renew", headers=OURS)).status_code == 200  # the same person's other session


async def test_a_session_that_could_not_be_ended_is_none(identity_provider: IdentityProvider, service: Service) -> None:
    async with service.browser() as browser:
        await signed_in(browser, identity_provider)
        session = unseal(KEYS, browser.cookies[COOKIE], time.time())
        assert len(session.sid) == 22  # 128 bits
        browser.cookies.clear()
        browser.cookies.set(COOKIE, seal(KEYS, replace(session, sid="")))
        assert (await browser.post("/auth/renew", headers=OURS)).status_code == 401


def test_a_planted_cookie_is_not_looked_at() -> None:
    assert cookie_value(f"{COOKIE}=planted", secure=True) is None
