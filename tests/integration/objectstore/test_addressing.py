"""The bucket in the host name, with a real server that insists on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.objectstore.conftest import OpenStore
from tests.support.s3server import S3Server
from wsi_streamer.objectstore.config import StoreConfig


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    server = S3Server.start(tmp_path, options=["--virtual-domain", "s3.test"])
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    real = asyncio.BaseEventLoop.getaddrinfo

    async def resolve(self: asyncio.BaseEventLoop, host: str, port: int, **kwargs: Any) -> Any:
        return await real(self, "127.0.0.1" if host.endswith("s3.test") else host, port, **kwargs)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    yield server
    server.stop()


@pytest.mark.parametrize("key", ["a b.svs", "a+b#c?.svs", "ü/症例.svs"])
async def test_the_bucket_is_found_by_the_host_name(server: S3Server, open_store: OpenStore, key: str) -> None:
    server.client().create_bucket(Bucket="slides")
    server.client().put_object(Bucket="slides", Key=key, Body=b"0123456789")
    port = server.endpoint.rpartition(":")[2]
    store = await open_store(StoreConfig("slides", f"http://s3.test:{port}", addressing="virtual"))
    await store.check_bucket()
    found = await store.head(key)
    assert await store.get_range(key, 3, 4, etag=found.etag) == b"3456"
    assert [stored.key async for page in store.list() for stored in page] == [key]
