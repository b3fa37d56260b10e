"""Who gets in, and how."""

from __future__ import annotations

import base64

import pytest

from wsi_streamer.indexer.admin_auth import AdminAuth
from wsi_streamer.slides.errors import Forbidden, Unauthorized

AUTH = AdminAuth("admin", "events")


def basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"minio:{password}".encode()).decode()}


def test_the_admin_api_takes_its_token_and_nothing_else() -> None:
    AUTH.check_admin({"authorization": "Bearer admin"})
    AUTH.check_admin({"authorization": "bearer  admin"})
    for headers in ({}, {"authorization": "Bearer events"}, {"authorization": "Bearer "}, {"authorization": "admin"},
                    basic("admin"), {"authorization": "Bearer ädmin"}):  # fmt: skip
        with pytest.raises(Unauthorized):
            AUTH.check_admin(headers)


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
    AdminAuth(None, "events").check_events({}, "events")
    with pytest.raises(Unauthorized):
        AdminAuth(None, "events").check_events({"host": "localhost"}, None)
    with pytest.raises(Unauthorized):
        AdminAuth(None, None).check_events({"host": "localhost"}, "anything")


def test_without_tokens_pages_of_other_sites_do_not_get_in() -> None:
    open_auth = AdminAuth(None, None)
    for host in ("localhost", "localhost:3001", "127.0.0.1:3001", "[::1]:3001"):
        open_auth.check_admin({"host": host})
        open_auth.check_events({"host": host, "origin": f"http://{host}"}, None)
    for headers in ({"host": "evil.example:3001"}, {"host": "localhost:3001", "origin": "https://evil.example"},
                    {"host": "localhost:3001", "origin": "null"}, {}):  # fmt: skip
        with pytest.raises(Forbidden):
            open_auth.check_admin(headers)
        with pytest.raises(Forbidden):
            open_auth.check_events(headers, None)


def test_tokens_are_not_shown() -> None:
    assert "admin" not in repr(AUTH).replace("AdminAuth", "")
    assert "events" not in repr(AUTH)
