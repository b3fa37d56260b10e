"""A provider that says wrong things, or says them wrongly: a server of our own that only plays such faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from wsi_streamer.access.oidc.config import OidcConfig
from wsi_streamer.access.oidc.issuer import MAX_ANSWER_BYTES, Issuer
from wsi_streamer.slides.errors import IdentityProviderUnavailable

DISCOVERY = "/.well-known/openid-configuration"


class Faulty:
    """Answers each path with a status, headers and bytes."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes, str]] = {}
        self.asked: list[str] = []
        self.port = 0

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def document(self, **changes: Any) -> dict[str, Any]:
        """A right discovery document, but for what is changed."""
        named = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/a",
            "token_endpoint": f"{self.issuer}/t",
        }
        return {**named, "jwks_uri": f"{self.issuer}/k", **changes}

    def says(self, path: str, body: Any, status: int = 200, header: str = "x: y") -> None:
        self.answers[path] = (status, body if isinstance(body, bytes) else json.dumps(body).encode(), header)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        self.asked.append(path)
        status, body, header = self.answers.get(path, (404, b"{}", "x: y"))
        writer.write(
            f"HTTP/1.1 {status} X\r\n{header}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        )
        writer.write(body)
        writer.close()


@pytest_asyncio.fixture
async def faulty() -> AsyncIterator[Faulty]:
    """On a free port."""
    made = Faulty()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    made.says("/k", {"keys": []})
    yield made
    server.close()


@pytest_asyncio.fixture
async def issuer(faulty: Faulty) -> AsyncIterator[Issuer]:
    """That asks it."""
    made = Issuer(OidcConfig(faulty.issuer, client_id="viewer"), asyncio.get_running_loop().time)
    yield made
    await made.aclose()


async def test_what_is_right_works(faulty: Faulty, issuer: Issuer) -> None:
    faulty.says(DISCOVERY, faulty.document())
    assert (await issuer.endpoints()).authorization == f"{faulty.issuer}/a"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"issuer": None},
        {"jwks_uri": "http://192.0.2.1/keys"},
        {"token_endpoint": "ftp://127.0.0.1/t"},
        {"token_endpoint": "https://user:pw@127.0.0.1/t"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://127.0.0.1.evil.test/a"},
        {"jwks_uri": 3},
    ],
)
async def test_documents_that_lead_elsewhere_are_refused(
    faulty: Faulty, issuer: Issuer, changes: dict[str, Any]
) -> None:
    faulty.says(DISCOVERY, faulty.document(**changes))
    with pytest.raises(IdentityProviderUnavailable):
        await issuer.endpoints()
    assert faulty.asked == [DISCOVERY]


@pytest.mark.parametrize(
    "body", [b"[]", b"<html>", b"\xff", b'{"issuer": ', b"[" * 100_000, b" " * (MAX_ANSWER_BYTES + 1)]
)
async def test_answers_that_are_no_documents_are_refused(faulty: Faulty, issuer: Issuer, body: bytes) -> None:
    faulty.says(DISCOVERY, body)
    with pytest.raises(IdentityProviderUnavailable):
        await issuer.endpoints()
    faulty.says(DISCOVERY, faulty.document())
    faulty.says("/k", body)
    with pytest.raises(IdentityProviderUnavailable):
        await Issuer(OidcConfig(faulty.issuer, client_id="viewer"), asyncio.get_running_loop().time).endpoints()


async def test_redirects_are_not_followed(faulty: Faulty, issuer: Issuer) -> None:
    faulty.says(DISCOVERY, {}, 302, f"location: {faulty.issuer}/elsewhere")
    with pytest.raises(IdentityProviderUnavailable):
        await issuer.endpoints()
    assert faulty.asked == [DISCOVERY]


async def test_who_waits_is_told_soon_and_the_provider_is_left_alone(faulty: Faulty, issuer: Issuer) -> None:
    for _ in range(5):
        with pytest.raises(IdentityProviderUnavailable):
            await issuer.key("any", "RS256")
    assert len(faulty.asked) == 1


@pytest.mark.parametrize(
    "url",
    ["http://login.test", "https://", "https://login.test?x=1", "https://u:p@login.test", "login.test", "https://login.test/#a",
     "https://login.test:x", "http://127.0.0.1.evil.test", "https://lo gin.test", "file:///etc/passwd"],
)  # fmt: skip
def test_issuers_that_are_not_safe(url: str) -> None:
    with pytest.raises(ValueError, match="https URL"):
        OidcConfig(url, client_id="viewer")
