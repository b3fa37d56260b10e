"""A grant's link through the framework: a cookie that scripts can't read, and an address without the token."""

from __future__ import annotations

import time
from typing import Any

import httpx
from litestar import Litestar, Request, Response, get

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.permissions import Role
from wsi_streamer.access.signing_keys import SigningKeys
from wsi_streamer.catalog.catalog import Catalog
from wsi_streamer.tiles.grant_links import redirect_to_cookie
from wsi_streamer.web.errors import EXCEPTION_HANDLERS

ADMIN = Caller("admin-token", "admin", roles=frozenset({Role.ADMIN}))
SEALED = "wsi_session=sealed; Path=/; HttpOnly; SameSite=Lax; Secure"


async def test_the_token_goes_from_the_address_into_a_cookie(catalog: Catalog) -> None:
    grants = Grants(catalog.grants, SigningKeys.of([b"a secret that is long enough"]), 86_400, time.time)

    @get(["/", "/view/{slide_id:str}"])
    async def page(request: Request[Any, Any, Any]) -> Response[Any]:
        scope = request.scope
        moved = await redirect_to_cookie(
            scope["raw_path"], scope["query_string"], "192.0.2.1", grants=grants, cookie_of=lambda _: SEALED
        )
        return moved or Response(b"the page")

    app = Litestar([page], exception_handlers=EXCEPTION_HANDLERS, logging_config=None, openapi_config=None)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://slides.example.org") as client:
        issued = await grants.issue(ADMIN, prefix="", expires_in=600)
        for target in (issued.path(), f"/view/s-abc?x=%2f&grant={issued.token}"):
            answer = await client.get(target)
            assert answer.status_code == 303
            assert answer.headers["set-cookie"] == SEALED
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert issued.token not in str(answer.headers) + answer.text
            followed = await client.get(answer.headers["location"])
            assert followed.content == b"the page"
            assert "grant" not in str(followed.url)
        await grants.revoke(ADMIN, issued.grant.id)
        for token, words in ((issued.token, "revoked"), (issued.token[:-1] + "x", "not a valid grant"), ("", "not a")):
            refused = await client.get(f"/?grant={token}")
            assert (refused.status_code, refused.json()["error"]) == (401, "unauthorized")
            assert words in refused.json()["message"]
            assert "set-cookie" not in refused.headers
        elsewhere = await client.get(f"//evil.example/view/x?grant={issued.token}")
        assert elsewhere.status_code in (401, 404)
        assert "location" not in elsewhere.headers
    await grants.aclose()
