"""Opening a grant's link: its token leaves the address bar and becomes a cookie that no script can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from litestar import Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from wsi_streamer.access.caller import Caller
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
    raw_path: bytes, query: bytes, address: str, *, grants: Grants, cookie_of: Callable[[Caller], str]
) -> Response[Any] | None:
    """The answer to a page's URL with ``grant=TOKEN``: the same URL without it, and the cookie. None where there is no such
    parameter.

    Args:
        raw_path: of the request, as it was sent.
        query: likewise.
        address: the client's; empty: unknown.
        grants: of this process.
        cookie_of: makes a Set-Cookie value for one who holds a grant; its ``expires`` is never None.

    Raises:
        InvalidRequest: a parameter twice, or not readable.
        NotFound: not a page's path.
        Unauthorized, Forbidden, CatalogUnavailable: as the grant is.
    """
    token = parse_query(query).get(GRANT_PARAM)
    if token is None:
        return None
    location = _without_grant(raw_path, query)
    caller = await grants.caller_of_token(token, address)
    headers = {**_HEADERS, "location": location, "set-cookie": cookie_of(caller)}
    return Response(b"", status_code=HTTP_303_SEE_OTHER, headers=headers)


def _without_grant(raw_path: bytes, query: bytes) -> str:
    """Path and query as they were sent, but for the parameter."""
    if _PAGE.fullmatch(raw_path) is None:
        raise NotFound("There is nothing here.")
    if _SENT.fullmatch(query) is None:
        raise InvalidRequest("The query holds characters that must be percent-encoded.")
    rest = b"&".join(pair for pair in query.split(b"&") if GRANT_PARAM not in parse_query(pair))
    return (raw_path + b"?" + rest if rest else raw_path).decode("ascii")
