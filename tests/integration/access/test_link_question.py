"""A grant's link on another site does not replace the session of one who has signed in, unless they say so."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import pytest

from tests.integration.access.test_identities_in_service import (
    CASE,
    PEOPLE,
    PUBLIC,
    SLIDE,
    TAUGHT,
    options,
    sign_in,
    tile,
)
from tests.support.identity_provider import IdentityProvider
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Role

ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
ELSEWHERE = ["cross-site", "same-site"]


@pytest.fixture
async def service(bucket: Bucket, database_url: str, identity_provider: IdentityProvider) -> AsyncIterator[Running]:
    """Two slides, of which students see one."""
    for key in (TAUGHT, CASE):
        bucket.put(key, SLIDE)
    async with running(database_url, bucket.name, bucket.server.endpoint, **options(identity_provider)) as found:
        await wait_indexed(found.catalog, 2)
        yield found


async def link(service: Running) -> tuple[str, str]:
    """What an attacker was given, and its target without the token."""
    issued = await service.access.grants.issue(ADMIN, slide=TAUGHT, expires_in=600)
    return f"{issued.path()}&x=%22%3E%3Cb%3E", f"{issued.path().partition('?')[0]}?x=%22%3E%3Cb%3E"


@pytest.mark.parametrize("site", ELSEWHERE)
async def test_who_has_signed_in_is_asked(service: Running, identity_provider: IdentityProvider, site: str) -> None:
    await sign_in(service.http, identity_provider, "ada", "/")
    target, without = await link(service)
    asked = await service.http.get(target, headers=PEOPLE | {"sec-fetch-site": site})
    assert asked.status_code == 200
    assert "set-cookie" not in asked.headers
    assert asked.headers["cache-control"] == "no-store"
    assert asked.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in asked.headers["content-security-policy"]
    assert "signed in as" in asked.text
    assert [html.unescape(href) for href in re.findall(r'<a href="([^"]*)"', asked.text)] == [without, target]
    assert (await service.http.get(tile(CASE))).status_code == 200, "still ada"
    head = await service.http.head(target, headers=PEOPLE | {"sec-fetch-site": site})
    assert (head.status_code, "set-cookie" in head.headers) == (200, False)
    # By the link on our page, browsers say.
    gone_on = await service.http.get(target, headers=PEOPLE | {"sec-fetch-site": "same-origin"})
    assert (gone_on.status_code, gone_on.headers["location"]) == (303, without)
    assert (await service.http.get(tile(CASE))).status_code == 403
    assert (await service.http.get(tile(without.split("/")[2].partition("?")[0]))).status_code == 200


@pytest.mark.parametrize("site", ["none", "same-origin", None])
async def test_an_address_typed_in_is_the_users_own_will(
    service: Running, identity_provider: IdentityProvider, site: str | None
) -> None:
    await sign_in(service.http, identity_provider, "ada", "/")
    target, without = await link(service)
    answer = await service.http.get(target, headers=PEOPLE | ({} if site is None else {"sec-fetch-site": site}))
    assert (answer.status_code, answer.headers["location"]) == (303, without)


@pytest.mark.parametrize("site", ELSEWHERE)
async def test_who_would_lose_nothing_is_not_asked(
    service: Running, identity_provider: IdentityProvider, site: str
) -> None:
    headers = PEOPLE | {"sec-fetch-site": site}
    target, without = await link(service)
    for _ in range(2):  # a stranger, and then one with a grant's session
        answer = await service.http.get(target, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, without)
    service.http.cookies.clear()
    await sign_in(service.http, identity_provider, "bob", "/")
    cookies = dict(service.http.cookies)
    refused = await service.http.get(target.replace("grant=wsg1.", "grant=wsg1.x"), headers=headers)
    assert refused.status_code == 401  # there is nothing to go on with
    await service.http.post("/auth/logout", headers={"origin": PUBLIC})
    service.http.cookies.update(cookies)
    assert (await service.http.get(target, headers=headers)).status_code == 303, "that session has ended"
