"""Who is sent to sign in, and where to afterwards."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar import Request

from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.identities import Identities
from wsi_streamer.tiles.sign_in_handlers import sent_to_sign_in, sign_in_location

ISSUER = "https://login.test"
PEOPLE = {"accept": "text/html,application/xhtml+xml"}


def asked(headers: dict[str, str], method: str = "GET") -> Request[Any, Any, Any]:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "raw_path": b"/view/s-1",
        "query_string": b"",
        "headers": raw,
        "state": {},
    }
    return Request(cast("Any", scope))


def identities(**options: Any) -> Identities:
    return Identities(OidcConfig(ISSUER, **({"client_id": "viewer"} | options)), lambda: 0.0)


@pytest.mark.parametrize(
    ("path", "query", "after"),
    [
        (b"/view/a%2Fb.svs", b"", "/view/a%2Fb.svs"),
        (b"/", b"q=a%26b&cursor=x", "/?q=a%26b&cursor=x"),
        (b"/view/s-1", b"grant=wsg1.x&x=1&vt=2&sig=3&exp=4", "/view/s-1?x=1"),
        (b"/view/s-1", b"grant=wsg1.x", "/view/s-1"),
        (b"//evil.test", b"", "/"),
        (b"/view/\xff", b"", "/"),
    ],
)
def test_where_to_afterwards(path: bytes, query: bytes, after: str) -> None:
    location = sign_in_location(path, query)
    assert urlsplit(location).path == "/auth/login"
    assert parse_qs(urlsplit(location).query) == {"next": [after]}


def test_people_are_sent_to_sign_in() -> None:
    answer = sent_to_sign_in(asked(PEOPLE), identities())
    assert answer is not None
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/login?next=/view/s-1")


def test_scripts_and_forms_are_not() -> None:
    assert sent_to_sign_in(asked({"accept": "*/*"}), identities()) is None
    assert sent_to_sign_in(asked({}), identities()) is None
    assert sent_to_sign_in(asked(PEOPLE, "POST"), identities()) is None


def test_nobody_is_where_nobody_can_sign_in() -> None:
    assert sent_to_sign_in(asked(PEOPLE), None) is None
    assert sent_to_sign_in(asked(PEOPLE), identities(client_id=None, audiences=("https://api.test",))) is None
