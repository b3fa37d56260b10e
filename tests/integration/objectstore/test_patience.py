"""Deadlines, silence, hang-ups, and connections that are kept."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.integration.objectstore.conftest import OpenStore
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.s3server import Bucket
from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.errors import StoreUnreachable

DATA = bytes(range(256)) * 4000


async def test_a_silent_connection_leaves_time_for_another_attempt(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    bucket.put("a.svs", DATA)
    fault_proxy.faults = [Fault(hang=True)]
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint, timeout=3))
    assert await store.get_range("a.svs", 10, 100, etag=None) == DATA[10:110]
    assert len(fault_proxy.seen) == 2


async def test_the_deadline_holds_for_all_attempts_together(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    fault_proxy.faults = [Fault(hang=True) for _ in range(20)]
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint, timeout=1.5, max_attempts=50))
    began = time.monotonic()
    with pytest.raises(StoreUnreachable):
        await store.get_range("a.svs", 10, 100, etag=None)
    assert 0.5 < time.monotonic() - began < 2.5
    assert 2 <= len(fault_proxy.seen) <= 4


async def test_a_dripping_body_does_not_outlive_the_deadline(bucket: Bucket, open_store: OpenStore) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 206 x\r\ncontent-length: 1000\r\ncontent-range: bytes 0-999/1000\r\n\r\n")
        try:
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    store = await open_store(StoreConfig(bucket.name, f"http://127.0.0.1:{port}", timeout=1))
    began = time.monotonic()
    with pytest.raises(StoreUnreachable):
        await store.get_range("a.svs", 0, 1000, etag=None)
    assert time.monotonic() - began < 2
    server.close()


async def test_a_thousand_hang_ups_leave_the_pool_whole(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    """Cancelled while waiting for a connection, for the head, and amid the body."""
    bucket.put("a.svs", DATA)
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint, timeout=10, max_connections=2))
    for round_ in range(20):
        tasks = [asyncio.create_task(store.get_range("a.svs", 0, len(DATA), etag=None)) for _ in range(50)]
        await asyncio.sleep(0.001 * round_)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) or one == DATA for one in ended)
    async with asyncio.timeout(5):
        got = await asyncio.gather(*(store.get_range("a.svs", i, 100, etag=None) for i in range(10)))
    assert got == [DATA[i : i + 100] for i in range(10)]


async def test_one_hang_up_does_not_harm_the_others(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    bucket.put("a.svs", DATA)
    fault_proxy.latency = 0.05
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    tasks = [asyncio.create_task(store.get_range("a.svs", i, 1000, etag=None)) for i in range(20)]
    await asyncio.sleep(0.02)
    for task in tasks[::2]:
        task.cancel()
    assert await asyncio.gather(*tasks[1::2]) == [DATA[i : i + 1000] for i in range(1, 20, 2)]


async def test_connections_are_kept_and_bounded(bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore) -> None:
    bucket.put("a.svs", DATA)
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint, max_connections=3))
    etag = (await store.head("a.svs")).etag
    for _ in range(3):
        await asyncio.gather(*(store.get_range("a.svs", i, 1000, etag=etag) for i in range(30)))
        await store.check_bucket()
    assert fault_proxy.connections <= 3


async def test_a_kept_connection_that_the_server_has_closed_is_no_fault(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    bucket.put("a.svs", DATA)
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint, max_attempts=1))
    for _ in range(5):
        assert await store.get_range("a.svs", 0, 10, etag=None) == DATA[:10]
        fault_proxy.faults = [Fault(reset=True)]
        assert await store.get_range("a.svs", 0, 10, etag=None) == DATA[:10]


async def test_every_attempt_is_observed(bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore) -> None:
    bucket.put("a.svs", DATA)
    seen: list[tuple[str, int | None, int]] = []

    class Observer:
        def s3_request(self, operation: str, status: int | None, bytes_received: int, seconds: float) -> None:
            assert 0 < seconds < 10
            seen.append((operation, status, bytes_received))

    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint), Observer())
    await store.head("a.svs")
    fault_proxy.faults = [Fault(status=503, body=b"slow"), Fault(cut_body=70)]
    await store.get_range("a.svs", 5, 100, etag=None)
    assert seen == [("head", 200, 0), ("get", 503, 4), ("get", 206, 70), ("get", 206, 100)]
