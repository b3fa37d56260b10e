"""Who gets in, and how."""

from __future__ import annotations

import base64

import pytest

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Role
from wsi_streamer.indexer.admin_auth import AdminAuth
from wsi_streamer.slides.errors import Forbidden, Unauthorized

AUTH = AdminAuth("admin", "auditor", "events")


def basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"minio:{password}".encode()).decode()}


async def test_each_token_has_its_role_and_nothing_else_gets_in() -> None:
    for text in ("Bearer admin", "bearer  admin"):
        assert (await AUTH.caller({"authorization": text})).roles == {Role.ADMIN}
    auditor = await AUTH.caller({"authorization": "Bearer auditor"})
    assert auditor.roles == {Role.AUDITOR}
    assert not auditor.permissions
    for headers in ({}, {"authorization": "Bearer events"}, {"authorization": "Bearer "}, {"authorization": "admin"},
                    basic("admin"), {"authorization": "Bearer ädmin"}):  # fmt: skip
        with pytest.raises(Unauthorized):
            await AUTH.caller(headers)


def test_events_come_with_their_own_token_in_three_ways_or_with_the_admins() -> None:
    AUTH.check_events({}, "events")
    AUTH.check_events({"authorization": "Bearer events"}, None)
    AUTH.check_events(basic("events"), None)
    AUTH.check_events({"authorization": "Bearer admin"}, None)
    for headers, token in (({}, None), ({}, ""), ({}, "wrong"), (basic("wrong"), None),
                           ({"authorization": "Basic !!"}, None)):  # fmt: skip
        with pytest.raises(Unauthorized):
            AUTH.check_events(headers, token)


def test_with_an_events_token_alone_events_need_it_and_a_made_up_one_never_fits() -> None:
    AdminAuth(events_token="events").check_events({}, "events")
    with pytest.raises(Unauthorized):
        AdminAuth(events_token="events").check_events({"host": "localhost"}, None)
    with pytest.raises(Unauthorized):
        AdminAuth().check_events({"host": "localhost"}, "anything")


async def test_identities_have_their_own_roles_and_a_machine_without_tokens_is_no_way_around_them() -> None:
    someone = Caller("identity", "https://idp|1", roles=frozenset({Role.AUDITOR}))

    async def identity(token: str) -> Caller:
        if token != "jwt":
            raise Unauthorized("no")
        return someone

    for auth in (AdminAuth(identity=identity), AdminAuth("admin", identity=identity)):
        assert await auth.caller({"authorization": "Bearer jwt", "host": "localhost"}) is someone
        for headers in ({"host": "localhost"}, {"host": "localhost", "authorization": "Bearer x"}):
            with pytest.raises(Unauthorized):
                await auth.caller(headers)
        with pytest.raises(Unauthorized):
            auth.check_events({"host": "localhost"}, None)


async def test_without_tokens_pages_of_other_sites_do_not_get_in() -> None:
    open_auth = AdminAuth()
    for host in ("localhost", "localhost:3001", "127.0.0.1:3001", "[::1]:3001"):
        assert (await open_auth.caller({"host": host})).roles == {Role.ADMIN, Role.AUDITOR}
        open_auth.check_events({"host": host, "origin": f"http://{host}"}, None)
    for headers in ({"host": "evil.example:3001"}, {"host": "localhost:3001", "origin": "https://evil.example"},
                    {"host": "localhost:3001", "origin": "null"}, {}):  # fmt: skip
        with pytest.raises(Forbidden):
            await open_auth.caller(headers)
        with pytest.raises(Forbidden):
            open_auth.check_events(headers, None)


def test_tokens_are_not_shown() -> None:
    assert "admin" not in repr(AUTH).replace("AdminAuth", "")
    assert "events" not in repr(AUTH)
