"""What a browser sends with its cookie must come from our own pages: another site's page can have it sent, too."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection

from wsi_streamer.access.same_origin import is_same_origin
from wsi_streamer.slides.errors import Forbidden

AnyConnection = ASGIConnection[Any, Any, Any, Any]


def require_same_origin(connection: AnyConnection, public_url: str | None) -> None:
    """For what changes this browser's session: another site's page may not even send it without the cookie, as the answer
    sets one.

    Raises:
        Forbidden: it was not sent by a page of this origin.
    """
    site, origin, host = (connection.headers.get(name) for name in ("sec-fetch-site", "origin", "host"))
    if not is_same_origin(site, origin, host, public_url):
        raise Forbidden("This can only be asked for by a page of this service.")


def check_same_origin(connection: AnyConnection, public_url: str | None) -> None:
    """For other requests that change something. One that shows a bearer token, or no cookie at all, was not sent by a browser
    on its own.

    Raises:
        Forbidden: it comes with a cookie, and not from a page of this origin.
    """
    headers = connection.headers
    if "cookie" in headers and not headers.get("authorization", "").lower().startswith("bearer "):
        require_same_origin(connection, public_url)
