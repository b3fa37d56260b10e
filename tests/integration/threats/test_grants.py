"""Grants at every door: what they open, and nothing else; what ends them."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.fortress import ADMIN, HOME, OTHERS, Door, Fortress, tile_path, vt
from tests.support.raw_http import Answer
from wsi_streamer.access.session_cookie import COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")

BY_ID = '"message":"You may see slides here by their ids alone."'


async def token(fortress: Fortress, **wanted: object) -> tuple[str, str]:
    """A grant's id and token; to HOME for ten minutes unless told otherwise."""
    if "prefix" not in wanted:
        wanted = {"slide": HOME} | wanted
    issued = await fortress.service.access.grants.issue(ADMIN, **({"expires_in": 600} | wanted))
    return issued.grant.id, issued.token


async def cookie(door: Door, fortress: Fortress, shown: str) -> str:
    """The session that a browser has after it has opened the link."""
    path = f"/view/{fortress.ids[HOME]}"
    answer = await door.ask(f"{path}?a=1&grant={shown}&b=%2F", "Accept: text/html")
    assert (answer.status, answer.header("location")) == (303, f"{path}?a=1&b=%2F")
    header = answer.header("set-cookie") or ""
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    return header.partition(";")[0]


async def ways(door: Door, fortress: Fortress, shown: str, path: str) -> list[Answer]:
    """The same request with the grant shown in each way there is."""
    session = await cookie(door, fortress, shown)
    and_version = f"{path}?v={fortress.versions[HOME]}"
    return [
        await door.ask(f"{and_version}&grant={shown}"),
        await door.ask(and_version, f"Authorization: Bearer {shown}"),
        await door.ask(and_version, f"Cookie: {session}"),
    ]


async def test_a_grant_opens_its_slide_and_says_nothing_of_any_other(door: Door, fortress: Fortress) -> None:
    _, shown = await token(fortress)
    for _ in range(2):  # the second time from whatever has kept it
        for answer in await ways(door, fortress, shown, tile_path(fortress.ids[HOME])):
            assert (answer.status, answer.body) == (200, fortress.tiles[HOME])
    absent = ("absent.tif", "s-" + "a" * 24, HOME + "f", HOME[:-1])
    for name in (*OTHERS, *(fortress.ids[key] for key in OTHERS), *absent):
        answer = await door.ask(f"{tile_path(name)}?v={fortress.versions[HOME]}", f"Authorization: Bearer {shown}")
        assert answer.status in (403, 404), name
        assert answer.status == 404 or '"error":"forbidden"' in answer.body.decode(), name
    for name in (HOME, *OTHERS, "absent.tif"):  # a name that is right must not look different from one that isn't
        guessed = await door.ask(tile_path(name), f"Authorization: Bearer {shown}")
        assert guessed.status == 404 or (guessed.status == 403 and BY_ID in guessed.body.decode()), name
        assert guessed.status == 403 or name != HOME
    listed = await door.ask("/slides?details=1", f"Authorization: Bearer {shown}")
    assert listed.status == 200
    assert fortress.ids[HOME].encode() in listed.body
    assert not any(key.encode() in listed.body for key in (HOME, "b.tif", "A.TIF"))


async def test_label_macro_names_and_the_file_are_each_a_permission_of_their_own(
    door: Door, fortress: Fortress
) -> None:
    routes = {
        "label": f"/slides/{fortress.ids[HOME]}/associated-images/label",
        "macro": f"/slides/{fortress.ids[HOME]}/associated-images/macro",
        "download": f"/slides/{fortress.ids[HOME]}/download",
    }
    for permissions in (["tiles"], ["metadata"], ["label"], ["macro"], ["macro", "label"]):
        _, shown = await token(fortress, permissions=permissions)
        for name, path in routes.items():
            # In a file of no known scanner the label may be part of the macro.
            allowed = name in permissions and (name != "macro" or "label" in permissions)
            answer = await door.ask(path, f"Authorization: Bearer {shown}")
            assert answer.status == (404 if allowed else 403), (permissions, name)  # it has neither label nor macro
            linked = await door.ask(f"{path}?{vt()}")
            assert linked.status == 403, "no link ever opens these"
        metadata = (await door.ask(f"/slides/{fortress.ids[HOME]}", f"Authorization: Bearer {shown}")).body.decode()
        assert (HOME in metadata) == ("metadata" in permissions)
    _, shown = await token(fortress, permissions=["download"])
    assert (await door.ask(routes["download"], f"Authorization: Bearer {shown}")).status == 200


async def test_a_revoked_grant_ends_at_every_door(door: Door, fortress: Fortress) -> None:
    grant, shown = await token(fortress)
    path = tile_path(fortress.ids[HOME])
    session = await cookie(door, fortress, shown)
    assert all(answer.status == 200 for answer in await ways(door, fortress, shown, path))
    await fortress.service.access.grants.revoke(ADMIN, grant)
    ended = time.monotonic()
    target = f"{path}?v={fortress.versions[HOME]}"
    for attempt in (
        (f"{target}&grant={shown}",),
        (target, f"Authorization: Bearer {shown}"),
        (target, f"Cookie: {session}"),
    ):
        for _ in range(400):
            answer = await door.ask(*attempt)
            if answer.status != 200:
                break
            await asyncio.sleep(0.1)
        assert answer.status == 401
        # An edge that was told "yes" a moment ago does not ask for thirty seconds; all else asks at once.
        assert time.monotonic() - ended < (35 if door.name == "edge" else 5)
    renewed = await door.ask("/auth/renew", f"Cookie: {session}", "Sec-Fetch-Site: same-origin", method="POST")
    assert renewed.status == 401


async def test_a_grants_network_is_not_a_matter_of_what_one_says(door: Door, fortress: Fortress) -> None:
    _, elsewhere = await token(fortress, networks=["203.0.113.0/24"])
    _, here = await token(fortress, networks=["127.0.0.0/8"])
    target = f"{tile_path(fortress.ids[HOME])}?v={fortress.versions[HOME]}"
    for claim in ((), ("X-Forwarded-For: 203.0.113.7",), ("Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7")):
        assert (await door.ask(target, f"Authorization: Bearer {here}", *claim)).status == 200
        assert (await door.ask(target, f"Authorization: Bearer {elsewhere}", *claim)).status == 403
        assert (await door.ask(f"{target}&grant={elsewhere}", *claim)).status == 403


@pytest.mark.parametrize("twice", ["param", "authorization", "cookie"])
async def test_two_credentials_of_one_kind_are_none(door: Door, fortress: Fortress, twice: str) -> None:
    _, mine = await token(fortress)
    _, wide = await token(fortress, prefix="")
    target = tile_path(fortress.ids[HOME])
    answer = await {
        "param": lambda: door.ask(f"{target}?grant={mine}&grant={wide}"),
        "authorization": lambda: door.ask(target, f"Authorization: Bearer {mine}", f"Authorization: Bearer {wide}"),
        "cookie": lambda: door.ask(target, f"Cookie: {COOKIE}=a; {COOKIE}=b"),
    }[twice]()
    assert answer.status in (400, 401), answer.body


async def test_no_other_sites_page_acts_by_a_session(door: Door, fortress: Fortress) -> None:
    _, shown = await token(fortress)
    session = await cookie(door, fortress, shown)
    for path in ("/auth/renew", "/auth/logout"):
        for sent in (
            ("Sec-Fetch-Site: cross-site",),
            ("Sec-Fetch-Site: same-site",),
            ("Origin: https://evil.test",),
            (),
        ):
            assert (await door.ask(path, f"Cookie: {session}", *sent, method="POST")).status == 403, (path, sent)
    assert (await door.ask("/grants", f"Cookie: {session}", "Sec-Fetch-Site: same-origin", method="POST")).status in (
        404,
        405,
    ), "where nobody signs in only the admin port has grants"
