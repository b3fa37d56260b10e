"""Identities at every door: a real provider's tokens and sessions, what they open, and what only looks like them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote, urlsplit

import pytest
import pytest_asyncio

from tests.support.fortress import HOME, OTHERS, Door, Fortress, fortress_of, tile_path
from tests.support.identity_provider import API, IdentityProvider, client_secret, ensure_identity_provider
from tests.support.needs import missing
from tests.support.postgres import new_database
from tests.support.s3server import Bucket
from tests.support.way_in import way_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "http://127.0.0.1:4711"
USERS = {
    "ada": {"name": "Ada", "groups": ["pathology"]},
    "bob": {"name": "Bob", "groups": ["students"]},
    "eve": {"name": "Eve", "groups": ["visitors"]},
}
RULES = json.dumps(
    [
        {"claim": "groups", "value": "pathology", "roles": ["viewer"], "prefixes": [""], "permissions": ["metadata"]},
        {"claim": "groups", "value": "students", "roles": ["viewer"], "prefixes": [HOME]},
    ]
)


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    try:
        ensure_identity_provider()
    except RuntimeError as error:
        missing(f"the identity provider ({error})".splitlines()[0])
    found = IdentityProvider.start(USERS)
    yield found
    found.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fortress(
    own_bucket: Bucket, postgres_url: str, tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider
) -> AsyncIterator[Fortress]:
    settings = {
        "access": "oidc", "auth_enabled": False, "public_url": PUBLIC, "oidc_issuer": provider.issuer,
        "oidc_client_id": "viewer", "oidc_client_secret": client_secret("viewer"), "oidc_scopes": ("openid",),
        "oidc_audience": (API,), "oidc_rules": RULES,
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("identities")
    async with new_database(postgres_url) as url, fortress_of(folder, own_bucket, url, **settings) as found:
        yield found


async def bearer(provider: IdentityProvider, user: str) -> str:
    tokens = await provider.tokens(user)
    return f"Authorization: Bearer {tokens['access_token']}"


async def test_each_sees_what_the_rules_say(door: Door, fortress: Fortress, provider: IdentityProvider) -> None:
    ada, bob, eve = [await bearer(provider, user) for user in USERS]
    for _ in range(2):
        for key in (HOME, *OTHERS[:4]):
            target = f"{tile_path(fortress.ids[key])}?v={fortress.versions[key]}"
            seen = await door.ask(target, ada)
            assert (seen.status, seen.body) == (200, fortress.tiles[key])
            assert (await door.ask(target, bob)).status == (200 if key == HOME else 403)
            assert (await door.ask(target, eve)).status == 403
            nobody = await door.ask(target)
            assert (nobody.status, nobody.header("www-authenticate")) == (401, "Bearer")


async def test_what_only_looks_like_a_token_is_none(door: Door, fortress: Fortress, provider: IdentityProvider) -> None:
    token = (await provider.tokens("ada"))["access_token"]
    head, claims, signature = token.split(".")
    target = tile_path(fortress.ids[HOME])

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = (
        f"{part({'alg': 'none'})}.{claims}.",
        f"{part({'alg': 'HS256', 'typ': 'at+jwt'})}.{claims}.{signature}",
        f"{head}.{part(told | {'sub': 'root'})}.{signature}",
        f"{head}.{part(told | {'exp': int(time.time()) + 10**6})}.{signature}",
        f"{head}.{claims}.{signature[:-4]}AAAA",
        f"{head}.{claims}",
        (await provider.tokens("ada"))["id_token"],  # for signing in, and not for the API
        "x" * 9000,
    )
    for attempt in forged:
        answer = await door.ask(target, f"Authorization: Bearer {attempt}")
        assert answer.status in (400, 401, 431), attempt[:60]
    assert (await door.ask(target, f"Authorization: Bearer {token}")).status == 200


async def test_people_are_led_to_the_provider_and_nowhere_else(
    door: Door, fortress: Fortress, provider: IdentityProvider
) -> None:
    path = f"/view/{fortress.ids[HOME]}"
    answer = await door.ask(path, "Accept: text/html", host="evil.test")
    sent = way_in(answer.status, answer.header("location"), answer.body.decode())
    assert sent == f"/auth/login?next={quote(path)}"
    assert "evil.test" not in answer.body.decode()
    for ending in ("?next=//evil.test", "?a=%22%3E%3Cscript%3E", "?a=\"'&amp;<b>", "/..//evil.test", "%5c%5cevil.test"):
        answer = await door.ask(path + ending, "Accept: text/html")
        if answer.status in (400, 404):  # no page of ours, or a proxy that turns it away
            continue
        sent = way_in(answer.status, answer.header("location"), answer.body.decode())
        assert sent.startswith("/auth/login?next=/"), ending
        assert b"<b>" not in answer.body
    for after in (path, "//evil.test", "/\\evil.test", "https://evil.test/", "/%09/evil.test", "javascript:alert(1)"):
        login = await door.ask(f"/auth/login?next={quote(after, safe='')}", "Accept: text/html", host="evil.test")
        location = login.header("location") or ""
        assert location.startswith(f"{provider.issuer}/"), after
        assert "evil.test" not in location
        assert quote(f"{PUBLIC}/auth/callback", safe="") in location
    stolen = await door.ask("/auth/callback?code=x&state=y", "Accept: text/html")
    assert (stolen.status, stolen.all("set-cookie")) == (401, [])


async def test_a_session_is_what_the_provider_said_and_counts_at_every_door(
    door: Door, fortress: Fortress, provider: IdentityProvider
) -> None:
    login = await door.ask("/auth/login?next=/", "Accept: text/html")
    begun = (login.header("set-cookie") or "").partition(";")[0]
    back = urlsplit(await provider.through_forms(login.header("location") or "", "bob"))
    elsewhere = await door.ask(f"/auth/callback?{back.query}", "Accept: text/html")
    assert elsewhere.status == 401, "the answer belongs to the browser that asked"
    signed_in = await door.ask(f"/auth/callback?{back.query}", f"Cookie: {begun}", "Accept: text/html")
    assert (signed_in.status, signed_in.header("location")) == (303, "/")
    session = next(c for c in signed_in.all("set-cookie") if c.startswith("wsi_session=")).partition(";")[0]
    for key, status in ((HOME, 200), (OTHERS[0], 403)):
        assert (await door.ask(tile_path(fortress.ids[key]), f"Cookie: {session}")).status == status
    changed = session[:-1] + ("0" if session[-1] != "0" else "1")
    assert (await door.ask(tile_path(fortress.ids[HOME]), f"Cookie: {changed}")).status == 401
    for sent in (("Sec-Fetch-Site: cross-site",), ("Origin: https://evil.test",), ()):
        refused = await door.ask(
            "/grants", f"Cookie: {session}", "Content-Type: application/json", *sent,
            method="POST", body=b'{"prefix": "", "expires_in": 60}',
        )  # fmt: skip
        assert refused.status == 403
    target = tile_path(fortress.ids[HOME])
    for pair in (("Basic eDp5", "Basic eDp5"), ("Basic eDp5", await bearer_value(provider, "ada"))):
        several = await door.ask(target, *(f"Authorization: {one}" for one in pair), f"Cookie: {session}")
        assert several.status in (400, 401)  # nginx refuses them itself
    ours = ("Sec-Fetch-Site: same-origin", "Content-Length: 0")
    renewed = await door.ask("/auth/renew", f"Cookie: {session}", *ours, method="POST")
    assert renewed.status == 200
    copy = next(c for c in renewed.all("set-cookie") if c.startswith("wsi_session=")).partition(";")[0]
    assert (await door.ask("/auth/logout", f"Cookie: {session}", *ours, method="POST")).status == 204
    for left in (session, copy):
        refused = await door.ask("/auth/renew", f"Cookie: {left}", *ours, method="POST")
        assert (refused.status, refused.all("set-cookie")) == (401, [])
    # A tile that nobody has asked for through an edge, which remembers a right for 30 s.
    assert (await door.ask(tile_path(fortress.ids[OTHERS[1]]), f"Cookie: {copy}")).status == 401


async def bearer_value(provider: IdentityProvider, user: str) -> str:
    return (await bearer(provider, user)).partition(": ")[2]
