"""Headers that tell a browser to trust an answer no further than it must."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Headers = tuple[tuple[bytes, bytes], ...]
_OTHERS = b"; frame-ancestors 'self' "
"""In the policy of a page that pages of other origins may hold in a frame (`html_page.page_headers`)."""

Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

_NO_FEATURES = b", ".join(
    name + b"=()"
    for name in (b"camera", b"clipboard-read", b"display-capture", b"geolocation", b"microphone", b"payment", b"usb")
)


def basic_headers(*, embeddable: bool) -> Headers:
    """For every answer. ``embeddable``: pages of other origins may show what is sent (CORS decides on its own whether
    their scripts may read it); else browsers keep it from them, be it only a picture's size."""
    policy = b"cross-origin" if embeddable else b"same-origin"
    return (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),  # URLs carry rights
        (b"cross-origin-resource-policy", policy),
    )


def document_headers(*, embeddable: bool) -> Headers:
    """For what a browser might show as a document of its own. A page has a Content-Security-Policy already; whatever
    else is opened (JSON, XML, text) runs nothing, and is framed by nobody."""
    return (
        *basic_headers(embeddable=embeddable),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
        (b"x-frame-options", b"SAMEORIGIN"),
        (b"permissions-policy", _NO_FEATURES),
    )


def with_headers(given: Iterable[tuple[bytes, bytes]], added: Headers) -> list[tuple[bytes, bytes]]:
    """``given``, and those of ``added`` that are not among them."""
    headers = list(given)
    names = {name.lower() for name, _ in headers}
    # X-Frame-Options knows no lists: it would deny what the page's own policy allows to the origins that it names.
    if any(name.lower() == b"content-security-policy" and _OTHERS in value for name, value in headers):
        names.add(b"x-frame-options")
    headers += [pair for pair in added if pair[0] not in names]
    return headers


class SecureApp:
    """An ASGI application whose every answer has these headers, those to its own errors too."""

    def __init__(self, app: Asgi, *, embeddable: bool = False) -> None:
        self._app = app
        self._headers = document_headers(embeddable=embeddable)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_headers(message["headers"], self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)
