"""What goes over the wire is the key, byte for byte, and the signature is for what goes over the wire."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from unittest import mock
from urllib.parse import unquote_to_bytes

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.integration.objectstore.conftest import OpenStore
from tests.support.odd_keys import ODD_KEYS
from wsi_streamer.objectstore.config import StoreConfig

UNHOLDABLE = [
    "a/../b.svs",
    "../b.svs",
    "./a.svs",
    "a/./b.svs",
    "a/.",
    "a/..",
    "a//b.svs",
    "/a.svs",
    "//a",
    "a/",
    ".",
    "a\tb\r\nx: y.svs",
    "x" * 1024,
    "病" * 341,
]
"""A server on a file system can't hold these; S3 can."""


@dataclass(slots=True)
class Recorder:
    """Answers every request alike and keeps its head."""

    endpoint: str = ""
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 206 Partial Content\r\ncontent-length: 4\r\ncontent-range: bytes 2-5/9\r\n"
            b'etag: "e"\r\nconnection: close\r\n\r\nbody'
        )
        await writer.drain()
        writer.close()


@pytest.fixture
async def recorder(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Recorder]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret/+=")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a/session+token==")
    recorder = Recorder()
    server = await asyncio.start_server(recorder.serve, "127.0.0.1", 0)
    recorder.endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield recorder
    server.close()


@pytest.mark.parametrize("key", [*ODD_KEYS, *UNHOLDABLE])
async def test_a_key_is_asked_for_exactly_and_signed_as_it_was_sent(
    recorder: Recorder, open_store: OpenStore, key: str
) -> None:
    store = await open_store(StoreConfig("bucket", recorder.endpoint, region="eu-west-3"))
    assert await store.get_range(key, 2, 4, etag='"e"') == b"body"
    (head,) = recorder.heads
    first, *lines = head.decode("ascii").strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert method == "GET"
    assert unquote_to_bytes(target) == b"/bucket/" + key.encode()
    assert headers["range"] == "bytes=2-5"
    assert headers["if-match"] == '"e"'
    assert headers["authorization"] == _botocores(target, headers)


def _botocores(target: str, headers: dict[str, str]) -> str:
    """botocore's signature of a request as it arrived."""
    request = AWSRequest("GET", f"http://{headers['host']}{target}")
    request.headers["Host"] = headers["host"]
    request.headers["X-Amz-Content-SHA256"] = headers["x-amz-content-sha256"]
    auth = S3SigV4Auth(Credentials("AKID", "secret/+=", headers["x-amz-security-token"]), "s3", "eu-west-3")
    when = datetime.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: when):
        auth.add_auth(request)
    return str(request.headers["Authorization"])
