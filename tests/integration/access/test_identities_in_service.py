"""The whole tile service in front of a real identity provider: what people and scripts get to see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.identity_provider import API, IdentityProvider, client_secret
from tests.support.in_process import Running, running, wait_indexed
from tests.support.marked_slide import marked_slide
from tests.support.postgres import away
from tests.support.s3server import Bucket

RULES = """[
  {"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""], "permissions": ["metadata"]},
  {"claim": "groups", "value": "students", "roles": ["viewer"], "prefixes_claim": "slide_prefixes"}
]"""
PUBLIC = "http://127.0.0.1:4711"
"""What a proxy in front would be called."""

TAUGHT, CASE = "teaching/a.tiff", "2026/b.tiff"
SLIDE = marked_slide((4, 4), (2, 2), (1, 1))
PEOPLE = {"accept": "text/html"}


def options(provider: IdentityProvider) -> dict[str, Any]:
    """Where people sign in, and scripts show tokens for the API."""
    return {
        "access": "oidc", "auth_secret": "a secret that is long enough", "public_url": PUBLIC,
        "oidc_issuer": provider.issuer, "oidc_client_id": "viewer", "oidc_client_secret": client_secret("viewer"),
        "oidc_audience": (API,), "oidc_rules": RULES, "oidc_scopes": ("openid",),
    }  # fmt: skip


@pytest.fixture
async def service(bucket: Bucket, database_url: str, identity_provider: IdentityProvider) -> AsyncIterator[Running]:
    """Two slides, of which students see one."""
    for key in (TAUGHT, CASE):
        bucket.put(key, SLIDE)
    async with running(database_url, bucket.name, bucket.server.endpoint, **options(identity_provider)) as found:
        await wait_indexed(found.catalog, 2)
        yield found


def tile(key: str) -> str:
    return f"/tiles/{key.replace('/', '%2F')}/0/0/0.jpg"


async def bearer(provider: IdentityProvider, user: str) -> dict[str, str]:
    """A script's headers."""
    return {"authorization": f"Bearer {(await provider.tokens(user))['access_token']}"}


async def sign_in(http: httpx.AsyncClient, provider: IdentityProvider, user: str, path: str) -> httpx.Response:
    """From a page to the provider and back to it, as a browser goes; cookies don't tell ports apart."""
    sent = await http.get(path, headers=PEOPLE)
    assert sent.status_code == 303
    there = await http.get(sent.headers["location"], headers=PEOPLE)
    back = urlsplit(await provider.through_forms(there.headers["location"], user))
    assert f"{back.scheme}://{back.netloc}" == PUBLIC
    answer = await http.get(f"{back.path}?{back.query}", headers=PEOPLE)
    assert answer.status_code == 303
    assert answer.headers["location"] == path
    return await http.get(path, headers=PEOPLE)


async def test_scripts_see_what_their_token_gives(service: Running, identity_provider: IdentityProvider) -> None:
    ada, bob = await bearer(identity_provider, "ada"), await bearer(identity_provider, "bob")
    assert (await service.http.get("/slides", headers=ada)).json()["slides"] == [CASE, TAUGHT]
    ids = {row.key: row.id for row in (await service.catalog.listing.page(limit=9)).rows}
    assert (await service.http.get("/slides", headers=bob)).json()["slides"] == [ids[TAUGHT]], "names are metadata"
    for ref, headers, status in ((CASE, ada, 200), (TAUGHT, ada, 200), (ids[TAUGHT], bob, 200), (ids[CASE], bob, 403)):
        assert (await service.http.get(tile(ref), headers=headers)).status_code == status
    missing = await service.http.get(tile("s-" + "a" * 24), headers=bob)
    assert (missing.status_code, missing.json()) == (403, (await service.http.get(tile(ids[CASE]), headers=bob)).json())
    guesses = [await service.http.get(tile(name), headers=bob) for name in (TAUGHT, "teaching/missing.tiff")]
    assert {guess.status_code for guess in guesses} == {403}
    assert guesses[0].json() == guesses[1].json(), "names can't be found out by trying"


async def test_nobody_else_sees_anything(service: Running, identity_provider: IdentityProvider) -> None:
    eve = await bearer(identity_provider, "eve")
    id_token = {"authorization": f"Bearer {(await identity_provider.tokens('ada'))['id_token']}"}
    for path in ("/", "/slides", tile(CASE)):
        answer = await service.http.get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert (await service.http.get(path, headers=eve)).status_code == 403
        assert (await service.http.get(path, headers=id_token)).status_code == 401  # it is not for the API


async def test_people_sign_in_and_see_their_slides(service: Running, identity_provider: IdentityProvider) -> None:
    page = await sign_in(service.http, identity_provider, "bob", "/")
    assert page.status_code == 200
    assert "Slide s-" in page.text
    for name in ("a.tiff", "b.tiff"):
        assert name not in page.text, "names need the permission metadata"
    (ident,) = set(re.findall(r"/view/(s-\w+)", page.text))
    viewer = await service.http.get(f"/view/{ident}", headers=PEOPLE)
    for shown in (page, viewer):
        renew_after = re.search(r'<body [^>]*data-renew-after="(\d+)"', shown.text)
        assert renew_after is not None
        assert 0 < int(renew_after[1]) <= 600
    assert (await service.http.get(f"/tiles/{ident}/0/0/0.jpg")).status_code == 200
    assert (await service.http.get(tile(CASE))).status_code == 403
    renewed = await service.http.post("/auth/renew", headers={"origin": PUBLIC})
    assert (renewed.status_code, renewed.json()) == (200, {"renew_after": 600})
    assert (await service.http.post("/auth/logout", headers={"origin": "https://evil.test"})).status_code == 403
    assert (await service.http.get(tile(ident))).status_code == 200
    assert (await service.http.post("/auth/logout", headers={"origin": PUBLIC})).status_code == 204
    assert (await service.http.get(tile(ident))).status_code == 401


async def test_keys_rotate_while_tokens_are_in_flight(service: Running, identity_provider: IdentityProvider) -> None:
    old = await bearer(identity_provider, "ada")
    assert (await service.http.get(tile(CASE), headers=old)).status_code == 200
    identity_provider.rotate()
    new = await bearer(identity_provider, "bob")
    taught = (await service.catalog.listing.page(limit=1, search=TAUGHT)).rows[0].id
    for headers in (new, old):
        assert (await service.http.get(tile(taught), headers=headers)).status_code == 200


async def test_sessions_go_on_while_the_provider_is_down(service: Running, identity_provider: IdentityProvider) -> None:
    await sign_in(service.http, identity_provider, "ada", "/")
    identity_provider.stop()
    assert (await service.http.get(tile(CASE))).status_code == 200
    assert (await service.http.post("/auth/renew", headers={"origin": PUBLIC})).status_code == 200


async def test_signing_out_ends_the_session_everywhere(
    service: Running, bucket: Bucket, database_url: str, identity_provider: IdentityProvider
) -> None:
    await sign_in(service.http, identity_provider, "ada", "/")
    (session,) = service.http.cookies.values()
    copy = {"cookie": f"wsi_session={session}"}
    async with running(
        database_url, bucket.name, bucket.server.endpoint, indexer=False, **options(identity_provider)
    ) as other:
        for _ in range(2):  # the second time there is a pass
            assert (await other.http.get(tile(TAUGHT), headers=copy)).status_code == 200
        answer = await other.http.post("/auth/renew", headers=copy | {"origin": PUBLIC})
        assert answer.status_code == 200
        copies = (copy, {"cookie": answer.headers["set-cookie"].partition(";")[0]})
        other.http.cookies.clear()
        assert (await service.http.post("/auth/logout", headers={"origin": PUBLIC})).status_code == 204
        for headers in copies:
            tries = 0
            while (await other.http.get(tile(TAUGHT), headers=headers)).status_code != 401:
                tries += 1
                assert tries < 200  # told by NOTIFY, which takes milliseconds
                await asyncio.sleep(0.02)
            for found in (service, other):
                assert (await found.http.get(tile(TAUGHT), headers=headers)).status_code == 401
                refused = await found.http.post("/auth/renew", headers=headers | {"origin": PUBLIC})
                assert (refused.status_code, refused.json()["error"]) == (401, "unauthorized")
                assert "set-cookie" not in refused.headers


async def test_signing_out_while_postgres_is_away_says_what_it_could_not_do(
    service: Running, database_url: str, postgres_url: str, identity_provider: IdentityProvider
) -> None:
    await sign_in(service.http, identity_provider, "bob", "/")
    (session,) = service.http.cookies.values()
    async with away(postgres_url, database_url):
        answer = await service.http.post("/auth/renew", headers={"origin": PUBLIC})
        assert (answer.status_code, answer.json()["error"]) == (503, "catalog_unavailable")
        assert "retry-after" in answer.headers  # the page's script tries again
        assert "set-cookie" not in answer.headers
        answer = await service.http.post("/auth/logout", headers=PEOPLE | {"origin": PUBLIC})
        assert answer.status_code == 503
        assert "in this browser has ended" in answer.text
        assert not service.http.cookies  # gone from this browser in any case
    copy = {"cookie": f"wsi_session={session}"}
    assert (await service.http.post("/auth/renew", headers=copy | {"origin": PUBLIC})).status_code == 401  # and here


async def test_who_guesses_has_the_provider_asked_next_to_nothing(
    bucket: Bucket, database_url: str, identity_provider: IdentityProvider
) -> None:
    """Whatever answers guessers get: neither codes nor names of keys are a way to have the provider flooded."""
    junk = [await bearer(identity_provider, user) for user in ("ada", "bob")]
    identity_provider.rotate()
    identity_provider.retire()
    settings = options(identity_provider) | {"failure_burst": 5}
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False, **settings) as found:
        before = identity_provider.counts()
        statuses = []
        for _ in range(20):  # each time from the beginning: a state counts once
            begun = await found.http.get("/auth/login?next=/")
            state = re.search("state=([^&]+)", begun.headers["location"])
            assert state is not None
            query = {"state": state[1], "code": "junk", "iss": identity_provider.issuer}
            statuses.append((await found.http.get("/auth/callback", params=query)).status_code)
        assert statuses[:5] == [401] * 5
        assert statuses[6:] == [429] * 14
        for headers in junk * 20:
            assert (await found.http.get("/slides", headers=headers)).status_code in (401, 429)
        after = identity_provider.counts()
        assert after["/token"] - before.get("/token", 0) <= 6
        assert after["/jwks"] - before.get("/jwks", 0) <= 3  # when first asked, and once each 10 s for unknown names
        good = await bearer(identity_provider, "ada")
        assert (await found.http.get("/slides", headers=good)).status_code == 200  # and nobody suffers for it


async def test_the_service_starts_while_the_provider_is_down(
    bucket: Bucket, database_url: str, identity_provider: IdentityProvider
) -> None:
    token = await bearer(identity_provider, "ada")
    identity_provider.stop()
    only = {"access": "oidc", "auth_secret": "a secret that is long enough", "oidc_issuer": identity_provider.issuer}
    endpoint = bucket.server.endpoint
    async with running(database_url, bucket.name, endpoint, indexer=False, oidc_audience=(API,), **only) as found:
        assert (await found.http.get("/health")).status_code == 200
        answer = await found.http.get("/slides", headers=token)
        assert (answer.status_code, answer.json()["error"]) == (503, "identity_provider_unavailable")
