"""Opening a grant's link: its token leaves the address bar and becomes a cookie that no script can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from litestar import Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from wsi_streamer.access.caller import Caller
from wsi_streamer.access.embedded import MARK
from wsi_streamer.access.gate import GRANT_PARAM
from wsi_streamer.access.grants.grants import Grants
from wsi_streamer.access.query import parse_query
from wsi_streamer.slides.errors import InvalidRequest, NotFound

# Pages alone, as they are sent: nothing that a browser could take for another host (//, a backslash) or another header.
_PAGE = re.compile(rb"/|/view/[!$-.0-;=@-\[\]^_a-z|~]+")
_SENT = re.compile(rb"[!-~]*")

_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


async def redirect_to_cookie(
    raw_path: bytes,
    query: bytes,
    address: str,
    *,
    grants: Grants,
    cookie_of: Callable[[Caller], str],
    framed: bool = False,
) -> Response[Any] | None:
    """The answer to a page's URL with ``grant=TOKEN``: the same URL without it, and the cookie. None where there is no such
    parameter.

    Args:
        raw_path: of the request, as it was sent.
        query: likewise.
        address: the client's; empty: unknown.
        grants: of this process.
        cookie_of: makes a Set-Cookie value for one who holds a grant; its ``expires`` is never None.
        framed: whether it is a frame's; its page is marked, so that it never becomes one of the person's own session.

    Raises:
        InvalidRequest: a parameter twice, or not readable.
        NotFound: not a page's path.
        Unauthorized, Forbidden, CatalogUnavailable: as the grant is.
    """
    token = parse_query(query).get(GRANT_PARAM)
    if token is None:
        return None
    location = _page(raw_path, query, framed=framed)
    caller = await grants.caller_of_token(token, address)
    headers = {**_HEADERS, "location": location, "set-cookie": cookie_of(caller)}
    return Response(b"", status_code=HTTP_303_SEE_OTHER, headers=headers)


def in_window(raw_path: bytes, query: bytes) -> Response[Any] | None:
    """For a page in a window of its own: one that was marked for a frame, such as a link in one that was opened in a new
    tab, is asked for without the mark. None where there is none.

    Raises:
        InvalidRequest, NotFound: as `redirect_to_cookie`.
    """
    if MARK not in parse_query(query):
        return None
    headers = {**_HEADERS, "location": _page(raw_path, query, framed=False)}
    return Response(b"", status_code=HTTP_303_SEE_OTHER, headers=headers)


def _page(raw_path: bytes, query: bytes, *, framed: bool) -> str:
    """Path and query as they were sent, but without a grant, and with the mark in a frame alone."""
    if _PAGE.fullmatch(raw_path) is None:
        raise NotFound("There is nothing here.")
    if _SENT.fullmatch(query) is None:
        raise InvalidRequest("The query holds characters that must be percent-encoded.")
    pairs = [pair for pair in query.split(b"&") if parse_query(pair).keys().isdisjoint((GRANT_PARAM, MARK))]
    if framed:
        pairs = [pair for pair in pairs if pair] + [f"{MARK}=1".encode()]
    rest = b"&".join(pairs)
    return (raw_path + b"?" + rest if rest else raw_path).decode("ascii")
