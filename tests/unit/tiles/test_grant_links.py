"""A grant's link: where it leads, and what it never does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from litestar import Response

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.query import parse_query
from wsi_streamer.slides.errors import InvalidRequest, NotFound, Unauthorized, WsiError
from wsi_streamer.tiles.grant_links import redirect_to_cookie


class OneGrant:
    """Knows one token."""

    async def caller_of_token(self, token: str, address: str) -> Caller:
        if token != "good":
            raise Unauthorized("This is not a valid grant.")
        return Caller("grant", "g-1", expires=1_800_000_000, grant_id="g-1")


async def opened(path: bytes, query: bytes) -> Response[Any] | None:
    return await redirect_to_cookie(
        path,
        query,
        "192.0.2.1",
        grants=OneGrant(),  # type: ignore[arg-type]
        cookie_of=lambda caller: f"wsi_session=sealed-{caller.grant_id}; HttpOnly; SameSite=Lax; Path=/",
    )


@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        (b"/", b"grant=good", "/"),
        (b"/view/s-abc", b"grant=good", "/view/s-abc"),
        (b"/view/case%2Fa%20%22b%5C.svs", b"x=1&grant=good", "/view/case%2Fa%20%22b%5C.svs?x=1"),
        (b"/", b"search=a%26b+c&&grant=good&sort=-key&x=%2f%2F", "/?search=a%26b+c&&sort=-key&x=%2f%2F"),
        (b"/", b"gr%61nt=good&x", "/?x"),
        (b"/", b"grant=good&next=//evil.example", "/?next=//evil.example"),
    ],
)
async def test_it_leads_to_the_same_page_without_the_token(path: bytes, query: bytes, location: str) -> None:
    answer = await opened(path, query)
    assert answer is not None
    assert answer.status_code == 303
    assert answer.headers == {
        "location": location, "cache-control": "no-store", "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff", "set-cookie": "wsi_session=sealed-g-1; HttpOnly; SameSite=Lax; Path=/",
    }  # fmt: skip
    assert answer.content == b""


@pytest.mark.parametrize("query", [b"", b"x=1", b"grants=good", b"vt=1&exp=2", b"Grant=good"])
async def test_a_url_without_a_grant_is_none_of_its_business(query: bytes) -> None:
    assert await opened(b"/", query) is None


@pytest.mark.parametrize(
    "path",
    [b"//evil.example", b"//evil.example/view/x", b"/view//evil.example", b"/view/", b"/view/a/b", b"/\\evil.example",
     b"/view/a\\b", b"/view/a\r\nset-cookie: x=y", b"/view/\xc3\xa9", b"https://evil.example/", b"", b"/tiles/a/0/0/0.jpg",
     b"/auth/login", b"/view/a\n", b"/view/a#b", b"/view/a?b"],
)  # fmt: skip
async def test_nothing_but_a_page_of_ours_is_led_to(path: bytes) -> None:
    with pytest.raises(NotFound):
        await opened(path, b"grant=good")


async def test_what_is_wrong_is_refused_before_a_cookie_is_made() -> None:
    with pytest.raises(Unauthorized):
        await opened(b"/", b"grant=bad")
    with pytest.raises(Unauthorized):
        await opened(b"/", b"grant=")
    for query in (b"grant=good&grant=good", b"grant=good&gr%61nt=bad", b"grant=good&x=1&x=2", b"grant=good&x=%zz"):
        with pytest.raises(InvalidRequest):
            await opened(b"/", query)
    for query in (b"grant=good&x=\r\nset-cookie: a=b", b"grant=good&x=a b", b"grant=good&x=\xc3\xa9"):
        with pytest.raises(InvalidRequest):
            await opened(b"/", query)


@given(st.binary(max_size=30), st.binary(max_size=30))
async def test_whatever_stands_around_it_the_token_is_gone_and_all_else_is_kept(before: bytes, after: bytes) -> None:
    query = b"&".join([before, b"grant=good", after])
    try:
        answer = await opened(b"/view/x", query)
    except InvalidRequest:
        return
    except WsiError:
        assume(False)  # another signature or expiry, given twice
    assert answer is not None
    location = answer.headers["location"]
    assert location.isprintable()
    path, _, rest = location.partition("?")
    assert path == "/view/x"
    expected = parse_query(query)
    expected.pop("grant")
    assert parse_query(rest.encode()) == expected
