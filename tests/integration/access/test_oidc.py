"""Identities, against a real provider that rotates its keys, fails and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.identity_provider import API, IdentityProvider, client_secret
from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.identities import Identities
from wsi_streamer.access.oidc.issuer import COOLDOWN_SECONDS, KEYS_SECONDS, STALE_SECONDS
from wsi_streamer.access.oidc.recent_callers import SECONDS as RECENT_SECONDS
from wsi_streamer.access.oidc.rules import parse_rules
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.slides.errors import Forbidden, IdentityProviderUnavailable, Unauthorized

RULES = """[
  {"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""], "permissions": ["metadata", "label"]},
  {"claim": "groups", "value": "students", "roles": ["viewer"], "prefixes_claim": "slide_prefixes"},
  {"claim": "realm_access.roles", "value": "slides-admin", "roles": ["admin"]}
]"""
JWKS = "/jwks"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def config(provider: IdentityProvider, client: str = "viewer", **options: Any) -> OidcConfig:
    """Of a service that takes access tokens for the API, and its own ID tokens."""
    secret = None if client == "viewer-public" else client_secret(client)
    options = {"audiences": (API, client), "scopes": ("openid",), "rules": parse_rules(RULES)} | options
    return OidcConfig(issuer=provider.issuer, client_id=client, client_secret=secret, **options)


@pytest.fixture
def clock() -> Clock:
    """By which keys and callers are kept; tokens expire by real time."""
    return Clock()


@pytest_asyncio.fixture
async def identities(identity_provider: IdentityProvider, clock: Clock) -> AsyncIterator[Identities]:
    """Of a service that has not asked the provider for anything yet."""
    made = Identities(config(identity_provider), time.time, clock=clock)
    yield made
    await made.aclose()


async def test_tokens_of_people_and_machines_become_callers(
    identity_provider: IdentityProvider, identities: Identities
) -> None:
    ada = await identity_provider.tokens("ada")
    caller = await identities.caller(ada["access_token"])
    assert (caller.kind, caller.id, caller.revocable) == ("identity", f"{identity_provider.issuer}|ada", True)
    assert caller.roles == {Role.VIEWER}
    assert caller.permissions == {Permission.TILES, Permission.METADATA, Permission.LABEL}
    assert caller.scope.is_all()
    assert caller.expires is not None
    assert 3000 < caller.expires - time.time() <= 3600
    assert (await identities.caller(ada["id_token"])).id == caller.id
    bob = await identities.caller((await identity_provider.tokens("bob"))["id_token"])
    assert (bob.name, bob.scope.prefixes, bob.permissions) == ("Bob", ("teaching/",), {Permission.TILES})
    root = await identities.caller((await identity_provider.tokens("root"))["id_token"])
    assert (root.roles, root.scope.prefixes, root.permissions) == ({Role.ADMIN}, (), frozenset())
    assert (await identities.caller(await identity_provider.machine_token())).id.endswith("|viewer")


async def test_who_matches_no_rule_is_refused(identity_provider: IdentityProvider, identities: Identities) -> None:
    token = (await identity_provider.tokens("eve"))["id_token"]
    with pytest.raises(Forbidden):
        await identities.caller(token)


async def test_a_token_for_someone_else_is_refused(identity_provider: IdentityProvider, clock: Clock) -> None:
    token = (await identity_provider.tokens("ada"))["access_token"]
    identities = Identities(config(identity_provider, audiences=("https://other.test",)), time.time, clock=clock)
    with pytest.raises(Unauthorized, match="not valid"):
        await identities.caller(token)
    await identities.aclose()


async def test_keys_are_asked_for_once(identity_provider: IdentityProvider, identities: Identities) -> None:
    tokens = [(await identity_provider.tokens(user))["id_token"] for user in ("ada", "bob")]
    before = identity_provider.counts().get(JWKS, 0)
    await asyncio.gather(*(identities.caller(token) for token in tokens for _ in range(20)))
    assert identity_provider.counts()[JWKS] == before + 1


async def test_rotation_while_tokens_are_in_flight(
    identity_provider: IdentityProvider, identities: Identities, clock: Clock
) -> None:
    old = (await identity_provider.tokens("ada"))["access_token"]
    assert (await identities.caller(old)).id.endswith("|ada")
    identity_provider.rotate()
    new = (await identity_provider.tokens("bob"))["id_token"]
    clock.seconds += RECENT_SECONDS  # neither is remembered
    callers = await asyncio.gather(*(identities.caller(token) for token in (old, new, old, new)))
    assert [caller.id[-3:] for caller in callers] == ["ada", "bob", "ada", "bob"]
    identity_provider.retire()
    clock.seconds += KEYS_SECONDS + 1
    assert (await identities.caller(new)).id.endswith("|bob")
    with pytest.raises(Unauthorized, match="not valid"):
        await identities.caller(old)  # its key is withdrawn


async def test_unknown_keys_do_not_make_us_hammer_the_provider(
    identity_provider: IdentityProvider, identities: Identities, clock: Clock
) -> None:
    token = (await identity_provider.tokens("ada"))["id_token"]
    await identities.caller(token)
    identity_provider.rotate()
    identity_provider.retire()  # what `token` is signed with is now unknown, and so are all others like it
    junk = [(await identity_provider.tokens(user))["id_token"] for user in ("ada", "bob", "ada")]
    identity_provider.rotate()
    identity_provider.retire()
    before = identity_provider.counts()[JWKS]
    for bad in junk * 5:
        with pytest.raises(Unauthorized):
            await identities.caller(bad)
    assert identity_provider.counts()[JWKS] == before + 1
    identity_provider.rotate()
    new = (await identity_provider.tokens("bob"))["id_token"]
    clock.seconds += COOLDOWN_SECONDS
    assert (await identities.caller(new)).id.endswith("|bob")


async def test_a_service_starts_while_the_provider_is_down(
    identity_provider: IdentityProvider, identities: Identities, clock: Clock
) -> None:
    token = (await identity_provider.tokens("ada"))["id_token"]
    identity_provider.stop()
    with pytest.raises(IdentityProviderUnavailable):
        await identities.caller(token)
    with pytest.raises(IdentityProviderUnavailable):
        await identities.login_url("http://127.0.0.1:1/auth/callback", "s", "n", "v" * 43)
    identity_provider.restart()
    token = (await identity_provider.tokens("ada"))["id_token"]
    clock.seconds += COOLDOWN_SECONDS
    assert (await identities.caller(token)).id.endswith("|ada")


async def test_old_keys_count_while_the_provider_is_down_but_not_for_ever(
    identity_provider: IdentityProvider, identities: Identities, clock: Clock
) -> None:
    token = (await identity_provider.tokens("ada"))["id_token"]
    await identities.caller(token)
    identity_provider.stop()
    for seconds in (KEYS_SECONDS + 1, RECENT_SECONDS, STALE_SECONDS - KEYS_SECONDS - RECENT_SECONDS - 2):
        clock.seconds += seconds
        assert (await identities.caller(token)).id.endswith("|ada")
        await asyncio.sleep(0.05)  # a request in the background
    clock.seconds += RECENT_SECONDS
    with pytest.raises(IdentityProviderUnavailable):
        await identities.caller(token)


@pytest.mark.parametrize("client", ["viewer", "viewer-post", "viewer-public"])
async def test_sign_in_by_code(identity_provider: IdentityProvider, clock: Clock, client: str) -> None:
    identities = Identities(config(identity_provider, client), time.time, clock=clock)
    back, nonce, verifier = "http://127.0.0.1:4711/auth/callback", "n-0S6_WzA2Mj", "v" * 50
    location = await identities.login_url(back, "a state", nonce, verifier)
    answer = dict(
        pair.split("=") for pair in (await identity_provider.through_forms(location, "ada")).split("?")[1].split("&")
    )
    issuer = answer["iss"].replace("%3A", ":").replace("%2F", "/")
    with pytest.raises(Unauthorized):
        await identities.caller_of_code(answer["code"], back, nonce, verifier)  # RFC 9207: it always says who it is
    with pytest.raises(Unauthorized):
        await identities.caller_of_code(answer["code"], back, nonce, verifier, issuer="https://evil.test")
    caller = await identities.caller_of_code(answer["code"], back, nonce, verifier, issuer=issuer)
    assert (caller.id, caller.name) == (f"{identity_provider.issuer}|ada", "Ada Lovelace")
    with pytest.raises(Unauthorized):
        await identities.caller_of_code(answer["code"], back, nonce, verifier, issuer=issuer)  # used
    await identities.aclose()


@pytest.mark.parametrize("wrong", ["nonce", "verifier"])
async def test_a_code_of_another_sign_in_is_refused(
    identity_provider: IdentityProvider, identities: Identities, wrong: str
) -> None:
    back = "http://127.0.0.1:4711/auth/callback"
    location = await identities.login_url(back, "state", "nonce", "v" * 43)
    answer = (await identity_provider.through_forms(location, "ada")).split("code=")[1].split("&")[0]
    nonce, verifier = ("other", "v" * 43) if wrong == "nonce" else ("nonce", "w" * 43)
    with pytest.raises(Unauthorized):
        await identities.caller_of_code(answer, back, nonce, verifier, issuer=identity_provider.issuer)
