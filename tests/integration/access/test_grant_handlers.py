"""/grants over HTTP: who may, what is refused, what is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.connection import ASGIConnection

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.permissions import Permission, Role
from wsi_streamer.access.scope import Scope
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.slides.errors import AuditUnavailable, Unauthorized
from wsi_streamer.slides.slide import StoredObject
from wsi_streamer.web.errors import EXCEPTION_HANDLERS
from wsi_streamer.web.grant_handlers import grant_handlers
from wsi_streamer.web.openapi import openapi_config
from wsi_streamer.web.static_files import StaticFiles

NOW = 1_800_000_000.0
ADMIN = {"authorization": "Bearer admin"}
COOKIE = {"cookie": "wsi_session=me", "origin": "https://slides.example.org"}
CALLERS = {
    "Bearer admin": Caller("admin-token", "admin", roles=frozenset({Role.ADMIN})),
    "Bearer viewer": Caller("identity", "issuer|viewer", frozenset({Permission.TILES}), Scope.all()),
    "wsi_session=me": Caller(
        "identity", "issuer|me", frozenset({Permission.TILES, Permission.GRANT}), Scope(("case/",))
    ),
}


@dataclass
class Log:
    """An audit log that can be made to fail."""

    acts: list[tuple[str, str, str, str | None, str | None, Mapping[str, str]]] = field(default_factory=list)
    denied: list[tuple[str, str]] = field(default_factory=list)
    full: bool = False

    async def act(
        self,
        action: str,
        caller: Caller,
        address: str,
        *,
        outcome: str = "success",
        slide_id: str | None = None,
        key: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        if self.full:
            raise AuditUnavailable("It can't be recorded now.")
        self.acts.append((action, caller.id, address, slide_id, key, detail or {}))

    def deny(
        self, caller: Caller | None, address: str, code: str, *, slide_id: str | None = None, route: str = ""
    ) -> None:
        self.denied.append((caller.id if caller else "", code))


@dataclass
class Service:
    """The handlers, in a server without a network."""

    grants: Grants
    log: Log
    client: httpx.AsyncClient
    slide_id: str

    async def make(self, headers: dict[str, str] = ADMIN, **body: Any) -> httpx.Response:
        return await self.client.post("/grants", json={"expires_in": 600} | body, headers=headers)


async def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    shown = connection.headers.get("authorization") or connection.headers.get("cookie") or ""
    if shown not in CALLERS:
        raise Unauthorized("Show a token.")
    return CALLERS[shown]


@pytest.fixture
async def service(catalog: Catalog) -> AsyncIterator[Service]:
    slide_id = await catalog.objects.observe(StoredObject("case/a.svs", '"1"', 1)) or ""
    grants = Grants(catalog.grants, SigningKeys.of([b"a secret that is long enough"]), 90 * 86_400, lambda: NOW)
    log = Log()
    app = Litestar(
        grant_handlers(
            grants,
            caller_of,
            log,
            address_of=lambda _: "192.0.2.7",
            public_url="https://slides.example.org/",
            now=lambda: NOW,
        ),
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=openapi_config("test", StaticFiles()),
        logging_config=None,
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
        yield Service(grants, log, client, slide_id)
    await grants.aclose()


async def test_a_grant_is_made_shown_once_listed_and_revoked(service: Service) -> None:
    answer = await service.make(
        slide="case/a.svs", permissions=["label"], networks=["10.0.0.0/8"], note="second opinion"
    )
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    token = body.pop("token")
    assert body.pop("url") == f"https://slides.example.org/view/{service.slide_id}?grant={token}"
    ident = body["id"]
    assert body | {"created_at": ""} == {
        "id": ident, "state": "active", "slide": service.slide_id, "permissions": ["tiles", "label"],
        "networks": ["10.0.0.0/8"], "note": "second opinion", "created_by": "admin", "created_at": "",
        "expires_at": "2027-01-15T08:10:00Z",
    }  # fmt: skip
    assert (await service.grants.caller_of_token(token, "10.1.1.1")).grant_id == ident
    listed = await service.client.get("/grants", headers=ADMIN)
    assert listed.json() == {"grants": [body]}
    assert (await service.client.get(f"/grants/{ident}", headers=ADMIN)).json() == body
    assert token not in listed.text
    for _ in range(2):
        gone = await service.client.delete(f"/grants/{ident}", headers=ADMIN)
        assert (gone.status_code, gone.content) == (204, b"")
    with pytest.raises(Unauthorized, match="revoked"):
        await service.grants.caller_of_token(token, "10.1.1.1")
    after = (await service.client.get(f"/grants/{ident}", headers=ADMIN)).json()
    assert (after["state"], after["revoked_by"]) == ("revoked", "admin")
    assert (await service.client.get("/grants?active=1", headers=ADMIN)).json() == {"grants": []}
    reads = [action for action, *_ in service.log.acts if action in ("grant-list", "grant-read")]
    assert reads == ["grant-list", "grant-read", "grant-read", "grant-list"]
    acts = [act for act in service.log.acts if act[0] not in reads]
    actions = [(action, who, address, slide) for action, who, address, slide, _, _ in acts]
    assert actions == [
        (action, "admin", "192.0.2.7", service.slide_id) for action in ("grant-create", "grant-revoke", "grant-revoke")
    ]
    assert service.log.acts[0][4] == "case/a.svs"
    assert service.log.acts[0][5]["grant"] == ident
    assert ["revoked before" in detail for *_, detail in acts] == [False, False, True]
    assert token not in repr(service.log.acts)


async def test_a_prefix_leads_to_the_list(service: Service) -> None:
    body = (await service.make(prefix="")).json()
    assert body["url"] == f"https://slides.example.org/?grant={body['token']}"
    assert "slide" not in body
    assert body["prefix"] == ""


async def test_the_list_comes_in_pages(service: Service) -> None:
    made = [(await service.make(prefix=f"{n}/")).json()["id"] for n in range(5)]
    first = (await service.client.get("/grants?limit=3", headers=ADMIN)).json()
    second = (
        await service.client.get("/grants", params={"limit": 3, "cursor": first["next_cursor"]}, headers=ADMIN)
    ).json()
    assert [grant["id"] for grant in first["grants"] + second["grants"]] == made[::-1]
    assert "next_cursor" not in second
    for wrong in ("limit=x", "cursor=x", "limit=1&limit=2", "active=1&active=", "cursor=%ff"):
        answer = await service.client.get(f"/grants?{wrong}", headers=ADMIN)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", b"[" * 8000, b'{"a":' * 3000, b'{"prefix": ' + b"[" * 8000, b'{"prefix": "p"}', b'{"expires_in": 60}', b'{"prefix": "p", "expires_in": "soon"}',
     b'{"prefix": "p", "expires_in": true}', b'{"prefix": "p", "expires_in": 60, "premissions": []}',
     b'{"prefix": "p", "expires_in": 60, "permissions": ["grant"]}', b'{"prefix": "p", "expires_in": 1e400}',
     b'{"prefix": "p", "expires_in": 60, "networks": ["here"]}', b'{"prefix": "p", "expires_in": -5}',
     b'{"prefix": "a\\u0000", "expires_in": 60}', b'{"prefix": "\\ud800", "expires_in": 60}',
     b'{"prefix": "p", "expires_in": 99999999999999999999999}', b'{"prefix": "p", "expires_at": [1]}'],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_says_so(service: Service, body: bytes) -> None:
    answer = await service.client.post("/grants", content=body, headers=ADMIN | {"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json()["message"].endswith(".")
    assert service.log.acts == []


async def test_a_body_is_json_and_short(service: Service) -> None:
    for kind in ({"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}, {}):
        answer = await service.client.post("/grants", content=b'{"prefix": "", "expires_in": 60}', headers=ADMIN | kind)
        assert (answer.status_code, answer.json()["error"]) == (415, "unsupported_media_type")
    answer = await service.make(prefix="x" * 20_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


async def test_who_may_not_grant_is_told_so_before_anything_is_looked_at(service: Service) -> None:
    ident = (await service.make(prefix="")).json()["id"]
    for headers, status in (({}, 401), ({"authorization": "Bearer viewer"}, 403)):
        for answer in (
            await service.client.post("/grants", content=b"{", headers=headers),
            await service.client.get("/grants", headers=headers),
            await service.client.get(f"/grants/{ident}", headers=headers),
            await service.client.delete(f"/grants/{ident}", headers=headers),
        ):
            assert answer.status_code == status
            assert answer.json()["error"] == {401: "unauthorized", 403: "forbidden"}[status]
    assert service.log.denied == [("issuer|viewer", "forbidden")] * 4


async def test_an_identity_grants_within_its_scope_and_sees_its_own(service: Service) -> None:
    admins = (await service.make(prefix="case/")).json()["id"]
    answer = await service.make(COOKIE, slide="case/a.svs")
    assert answer.status_code == 201
    assert (await service.make(COOKIE, prefix="")).status_code == 403
    assert (await service.make(COOKIE, slide="case/a.svs", permissions=["download"])).status_code == 403
    assert service.log.denied == [("issuer|me", "forbidden")] * 2
    listed = (await service.client.get("/grants", headers=COOKIE)).json()["grants"]
    assert [grant["id"] for grant in listed] == [answer.json()["id"]]
    for foreign in (admins, "g-nothing", "%00", "%FF"):
        for refused in (
            await service.client.get(f"/grants/{foreign}", headers=COOKIE),
            await service.client.delete(f"/grants/{foreign}", headers=COOKIE),
        ):
            assert (refused.status_code, refused.json()["error"]) == (404, "not_found")
    mine = answer.json()["id"]
    assert (await service.client.delete(f"/grants/{mine}", headers=COOKIE)).status_code == 204


@pytest.mark.parametrize(
    "sent",
    [{}, {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
     {"sec-fetch-site": "same-site", "origin": "https://slides.example.org"}, {"sec-fetch-site": "none"},
     {"origin": "https://slides.example.org.evil.example"}],
)  # fmt: skip
async def test_another_sites_page_does_nothing_with_ones_cookie(service: Service, sent: dict[str, str]) -> None:
    ident = (await service.make(COOKIE, prefix="case/")).json()["id"]
    headers = {"cookie": COOKIE["cookie"]} | sent
    assert (await service.make(headers, prefix="case/")).status_code == 403
    assert (await service.client.delete(f"/grants/{ident}", headers=headers)).status_code == 403
    assert (await service.client.get(f"/grants/{ident}", headers=headers)).json()["state"] == "active"


async def test_where_nothing_can_be_recorded_nothing_is_granted_but_a_grant_can_be_ended(service: Service) -> None:
    kept = (await service.make(prefix="case/")).json()
    service.log.full = True
    answer = await service.make(prefix="case/")
    assert (answer.status_code, answer.json()["error"]) == (503, "audit_unavailable")
    assert "retry-after" in answer.headers
    assert (await service.client.get("/grants", headers=ADMIN)).status_code == 503, "nor is anything shown"
    page = await service.grants.listed(None, None, 10)
    assert [grant.revoked_at is None for grant in page.grants] == [False, True]
    assert (await service.client.delete(f"/grants/{kept['id']}", headers=ADMIN)).status_code == 503
    with pytest.raises(Unauthorized, match="revoked"):
        await service.grants.caller_of_token(kept["token"], "")


async def test_the_document_describes_bodies_and_errors(service: Service) -> None:
    document = (await service.client.get("/schema/openapi.json")).json()
    routes = {path: sorted(item) for path, item in document["paths"].items()}
    assert routes == {"/grants": ["get", "post"], "/grants/{grant_id}": ["delete", "get"]}
    assert set(document["paths"]["/grants"]["post"]["responses"]) == {
        "201", "400", "401", "403", "404", "413", "415", "503",
    }  # fmt: skip
    request = document["components"]["schemas"]["GrantRequest"]
    assert set(request["properties"]) == {
        "slide", "prefix", "expires_in", "expires_at", "permissions", "networks", "note",
    }  # fmt: skip
    assert document["paths"]["/grants/{grant_id}"]["delete"]["responses"].keys() >= {"204", "401", "403", "404"}
