"""What every answer carries."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest

from wsi_streamer.tiles.cors import CorsPolicy
from wsi_streamer.web.html_page import page_headers
from wsi_streamer.web.security_headers import SecureApp, basic_headers, document_headers, with_headers


def test_what_an_answer_says_itself_is_not_said_twice() -> None:
    own = [(b"Content-Security-Policy", b"default-src 'self'"), (b"x-content-type-options", b"nosniff")]
    found = with_headers(own, document_headers(embeddable=False))
    names = [name.lower() for name, _ in found]
    assert len(names) == len(set(names))
    assert found[:2] == own
    assert dict(found)[b"referrer-policy"] == b"no-referrer"


@pytest.mark.parametrize(
    ("named", "open_access", "policy"),
    [
        (None, False, b"same-origin"),
        (None, True, b"cross-origin"),
        ((), False, b"same-origin"),
        (("https://lis.example",), False, b"cross-origin"),
        (("*",), False, b"cross-origin"),
    ],
)
def test_pictures_are_shown_elsewhere_only_where_an_origin_may(
    named: tuple[str, ...] | None, open_access: bool, policy: bytes
) -> None:
    cors = CorsPolicy.of(named, open_access=open_access)
    assert dict(basic_headers(embeddable=cors.embeddable))[b"cross-origin-resource-policy"] == policy


async def test_errors_of_the_framework_have_them_too() -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"no"})

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await SecureApp(app)({"type": "http"}, None, send)
    headers = dict(sent[0]["headers"])
    assert headers[b"content-type"] == b"text/html"
    assert b"'unsafe" not in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert sent[1]["body"] == b"no"


def test_x_frame_options_does_not_contradict_a_pages_own_policy() -> None:
    added = document_headers(embeddable=False)

    def found(policy: str) -> dict[bytes, bytes]:
        return dict(with_headers([(b"Content-Security-Policy", policy.encode())], added))

    portal = page_headers(("https://portal.example.org",))["content-security-policy"]
    assert portal.endswith("; frame-ancestors 'self' https://portal.example.org")
    assert b"x-frame-options" not in found(portal)
    assert found(page_headers()["content-security-policy"])[b"x-frame-options"] == b"SAMEORIGIN"
    assert found("default-src 'none'")[b"x-frame-options"] == b"SAMEORIGIN"
