"""GET /slides/{id}/download: the object's own bytes, to those who may have them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support.fault_proxy import FaultProxy
from tests.support.in_process import Running, running, wait_indexed
from tests.support.s3server import Bucket
from tests.support.tiffs import picture, written
from wsi_streamer.access.caller import Caller
from wsi_streamer.access.permissions import Role
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.tiles.downloads import AT_ONCE, PIECE

KEY = "case 7/研究.tif"
URL = "/slides/case%207%2F%E7%A0%94%E7%A9%B6.tif/download"


def slide(tail: int, seed: int = 0) -> bytes:
    """A sound slide with ``tail`` bytes behind it that differ everywhere."""
    return written([picture(200, 100)], compression="zlib", tile=(64, 64)) + np.random.default_rng(seed).bytes(tail)


ADMIN = Caller("local", "local", roles=frozenset({Role.ADMIN}))
SECRET = "a secret for tests of at least 16"
SIGNED = {"auth_enabled": True, "auth_secret": SECRET}


@contextlib.asynccontextmanager
async def downloading(services: Running, *permissions: str) -> AsyncIterator[httpx.AsyncClient]:
    """One who holds a grant to download everything."""
    issued = await services.access.grants.issue(
        ADMIN, prefix="", expires_in=600, permissions=permissions or ("download",)
    )
    headers = {"authorization": f"Bearer {issued.token}"}
    async with httpx.AsyncClient(base_url=services.url, timeout=60, headers=headers) as http:
        yield http


@pytest.fixture
async def services(bucket: Bucket, database_url: str) -> AsyncIterator[Running]:
    bucket.put(KEY, slide(100_000))
    async with running(database_url, bucket.name, bucket.server.endpoint, **SIGNED) as found:
        await wait_indexed(found.catalog, 1)
        yield found


async def test_nobody_may_while_access_is_open_nor_by_a_link_nor_by_a_grant_to_look(
    services: Running, bucket: Bucket, database_url: str
) -> None:
    links = SignedLinks((SECRET.encode(),))
    urls = (URL, "/slides/absent.svs/download", f"/slides/s-{'a' * 24}/download")
    async with running(database_url, bucket.name, bucket.server.endpoint, indexer=False) as everyones:
        for url in urls:
            refused = await everyones.http.get(url)
            assert (refused.status_code, refused.json()["error"]) == (403, "forbidden"), url
    async with downloading(services, "tiles", "metadata", "label", "macro") as looking:
        for url in urls:
            assert (await looking.get(url)).status_code == 403, url
    exp = int(time.time()) + 60
    assert (await services.http.get(links.sign_url(URL, {}, exp))).status_code == 403
    token = {"vt": links.viewer_token(KEY, exp), "exp": str(exp)}
    assert (await services.http.get(URL, params=token)).status_code == 403
    assert (await services.http.get(URL)).status_code == 401


async def test_the_file_as_it_is_with_its_name(services: Running) -> None:
    data = slide(100_000)
    async with downloading(services) as http:
        answer = await http.get(URL)
        assert (answer.status_code, answer.content == data) == (200, True)
        assert answer.headers["content-length"] == str(len(data))
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == (
            "attachment; filename=\"__.tif\"; filename*=UTF-8''%E7%A0%94%E7%A9%B6.tif"
        )
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["cache-control"] == "private, no-store"
        etag = answer.headers["etag"]
        head = await http.head(URL)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-length", "etag", "content-disposition", "accept-ranges", "content-type"):
            assert head.headers[name] == answer.headers[name]
        known = await http.get(URL, headers={"if-none-match": etag})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
        assert (await http.get("/slides/absent.tif/download")).status_code == 404


async def test_one_part(services: Running) -> None:
    data = slide(100_000)
    async with downloading(services) as http:
        etag = (await http.head(URL)).headers["etag"]
        for header, part in {
            "bytes=0-0": slice(1), "bytes=10-99": slice(10, 100), "bytes=100-": slice(100, None), "bytes=-7": slice(-7, None),
        }.items():  # fmt: skip
            for more in ({}, {"if-range": etag}):
                answer = await http.get(URL, headers={"range": header, **more})
                assert (answer.status_code, answer.content) == (206, data[part])
                start, stop, _ = part.indices(len(data))
                assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(data)}"
                assert answer.headers["content-length"] == str(stop - start)
        for header in ({"range": "bytes=0-9,20-29"}, {"range": "bytes=0-9", "if-range": '"other"'}, {"range": "x"}):
            answer = await http.get(URL, headers=header)
            assert (answer.status_code, len(answer.content)) == (200, len(data))
        beyond = await http.get(URL, headers={"range": f"bytes={len(data)}-"})
        assert (beyond.status_code, beyond.content) == (416, b"")
        assert beyond.headers["content-range"] == f"bytes */{len(data)}"


@pytest.fixture
async def large(bucket: Bucket, database_url: str, fault_proxy: FaultProxy) -> AsyncIterator[Running]:
    bucket.put("large.tif", slide(5 * PIECE + 12_345))
    async with running(database_url, bucket.name, fault_proxy.endpoint, **SIGNED) as found:
        await wait_indexed(found.catalog, 1)
        yield found


def reads(proxy: FaultProxy) -> list[str]:
    """Ranges of whole pieces that the store was asked for."""
    asked = [
        seen.headers.get("range", "") for seen in proxy.seen if "large.tif" in seen.target and seen.method == "GET"
    ]
    return [text for text in asked if _length(text) >= PIECE]


def _length(text: str) -> int:
    first, _, last = text.removeprefix("bytes=").partition("-")
    return int(last) - int(first) + 1 if first and last else 0


async def test_a_large_file_comes_in_pieces_of_one_version(large: Running, fault_proxy: FaultProxy) -> None:
    async with downloading(large) as http:
        digest = hashlib.sha256()
        before = len(fault_proxy.seen)
        async with http.stream("GET", "/slides/large.tif/download") as answer:
            async for chunk in answer.aiter_bytes():
                digest.update(chunk)
        assert digest.digest() == hashlib.sha256(slide(5 * PIECE + 12_345)).digest()
        asked = fault_proxy.seen[before:]
        assert len(asked) == 6
        assert len({seen.headers["if-match"] for seen in asked}) == 1
        before = len(fault_proxy.seen)
        assert (await http.head("/slides/large.tif/download")).status_code == 200
        assert len(fault_proxy.seen) == before, "HEAD reads nothing"


async def test_who_reads_slowly_or_hangs_up_has_no_more_read_for_them(large: Running, fault_proxy: FaultProxy) -> None:
    async with downloading(large) as http:
        host, port = http.base_url.host, http.base_url.port
        reader, writer = await asyncio.open_connection(host, port, limit=1024)
        shown = f"authorization: {http.headers['authorization']}"
        writer.write(f"GET /slides/large.tif/download HTTP/1.1\r\nhost: x\r\n{shown}\r\n\r\n".encode())
        await reader.readline()
        await until(lambda: len(reads(fault_proxy)) >= 2)
        await asyncio.sleep(0.5)
        assert len(reads(fault_proxy)) <= 3, "one on its way, one waiting, and what the sockets hold"
        downloads = large.service.context.downloads
        assert len(downloads) == 1
        writer.transport.abort()
        await until(lambda: len(downloads) == 0)
        count = len(reads(fault_proxy))
        await asyncio.sleep(0.3)
        assert len(reads(fault_proxy)) == count


async def test_so_many_at_once_and_no_more(large: Running) -> None:
    async with downloading(large) as http, contextlib.AsyncExitStack() as stack:
        for _ in range(AT_ONCE):
            answer = await stack.enter_async_context(http.stream("GET", "/slides/large.tif/download"))
            assert answer.status_code == 200
        refused = await http.get("/slides/large.tif/download")
        assert (refused.status_code, refused.json()["error"], refused.headers["retry-after"]) == (503, "busy", "60")
        await stack.aclose()
        await until(lambda: len(large.service.context.downloads) == 0)
        assert (await http.head("/slides/large.tif/download")).status_code == 200


async def test_replaced_midway_it_is_cut_off(large: Running, bucket: Bucket) -> None:
    old = slide(5 * PIECE + 12_345)
    got = bytearray()

    async def download(http: httpx.AsyncClient) -> None:
        async with http.stream("GET", "/slides/large.tif/download") as answer:
            assert answer.status_code == 200
            async for chunk in answer.aiter_bytes():
                if not got:
                    await asyncio.to_thread(bucket.put, "large.tif", slide(5 * PIECE + 12_345, seed=1))
                got.extend(chunk)

    async with downloading(large) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await download(http)
        assert 0 < len(got) < len(old)
        assert old.startswith(got), "nothing of the new one"
        assert len(large.service.context.downloads) == 0
        for _ in range(50):
            again = await http.get("/slides/large.tif/download")
            if again.status_code == 200:
                break
            await asyncio.sleep(0.1)
        assert again.content == slide(5 * PIECE + 12_345, seed=1)


async def until(condition: Callable[[], Any]) -> None:
    for _ in range(2_000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError
