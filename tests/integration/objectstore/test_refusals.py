"""Answers that another attempt can't better: each is its own error, without a key, and asked for once."""

from __future__ import annotations

import pytest

from tests.integration.objectstore.conftest import OpenStore
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.s3server import Bucket
from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.errors import (
    AccessDenied,
    BucketNotFound,
    ObjectChanged,
    ObjectNotFound,
    StoreRefused,
    StoreUnreachable,
)
from wsi_streamer.slides.errors import WsiError

KEY = "Doe, Jane.svs"
DATA = bytes(range(256)) * 40


def error(code: str) -> bytes:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Key>{KEY}</Key></Error>'.encode()


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected", "said"),
    [
        (301, {"x-amz-bucket-region": "eu-west-3"}, error("PermanentRedirect"), StoreRefused, "--s3-region.*eu-west-3"),
        (307, {"location": "http://127.0.0.1:9/"}, error("TemporaryRedirect"), StoreRefused, "--s3-region"),
        (308, {"location": "http://127.0.0.1:9/"}, b"", StoreRefused, "--s3-region"),
        (302, {"location": "http://127.0.0.1:9/"}, b"", StoreRefused, "refused"),
        (400, {}, error("AuthorizationHeaderMalformed"), StoreRefused, "--s3-region"),
        (400, {}, error("ExpiredToken"), AccessDenied, "credentials"),
        (403, {}, error("InvalidObjectState"), StoreRefused, "archived"),
        (403, {}, error("AccessDenied"), AccessDenied, "credentials"),
        (401, {}, b"", AccessDenied, "credentials"),
        (404, {}, error("NoSuchKey"), ObjectNotFound, "No such slide"),
        (404, {}, error("NoSuchBucket"), BucketNotFound, "bucket does not exist"),
        (404, {}, b"", ObjectNotFound, "No such slide"),
        (412, {}, error("PreconditionFailed"), ObjectChanged, "replaced"),
        (416, {}, error("InvalidRange"), ObjectChanged, "replaced"),
        (418, {}, b"", StoreRefused, "refused"),
        (204, {}, b"", StoreRefused, "refused"),
    ],
)
async def test_each_is_told_apart(
    bucket: Bucket,
    fault_proxy: FaultProxy,
    open_store: OpenStore,
    status: int,
    headers: dict[str, str],
    body: bytes,
    expected: type[WsiError],
    said: str,
) -> None:
    fault_proxy.faults = [Fault(status=status, headers=headers, body=body)]
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    with pytest.raises(expected, match=said) as caught:
        await store.get_range(KEY, 10, 100, etag='"e"')
    assert type(caught.value) is expected
    assert len(fault_proxy.seen) == 1
    for hidden in (KEY, "Jane", bucket.name, "127.0.0.1"):
        assert hidden not in caught.value.message
        assert hidden not in str(getattr(caught.value, "detail", ""))


async def test_an_object_that_ends_before_the_range_does_has_changed(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    bucket.put(KEY, DATA)
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    with pytest.raises(ObjectChanged):
        await store.get_range(KEY, len(DATA) - 10, 20, etag=None)
    assert len(fault_proxy.seen) == 1
    assert await store.get_range(KEY, len(DATA) - 10, 10, etag=None) == DATA[-10:]


async def test_a_store_that_ignores_if_match_is_found_out(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    bucket.put(KEY, DATA)
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    etag = (await store.head(KEY)).etag
    fault_proxy.faults = [Fault(replace_header=("etag", '"another"'))]
    with pytest.raises(ObjectChanged):
        await store.get_range(KEY, 0, 10, etag=etag)


@pytest.mark.parametrize(
    "content_range",
    ["bytes 11-109/10240", "bytes 10-108/10240", "bytes 0-99/10240", "items 10-109/10240", "bytes */10240", ""],
)
async def test_another_range_than_was_asked_for_is_refused(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore, content_range: str
) -> None:
    bucket.put(KEY, DATA)
    fault_proxy.faults = [Fault(replace_header=("content-range", content_range))]
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    with pytest.raises(StoreRefused, match="another part"):
        await store.get_range(KEY, 10, 100, etag=None)


async def test_a_whole_object_is_not_read_to_be_refused(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    bucket.put(KEY, bytes(32_000_000))
    received: list[int] = []

    class Observer:
        def s3_request(self, operation: str, status: int | None, bytes_received: int, seconds: float) -> None:
            received.append(bytes_received)

    fault_proxy.faults = [Fault(replace_status=200)]
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint), Observer())
    with pytest.raises(StoreRefused, match="range requests"):
        await store.get_range(KEY, 0, 30_000_000, etag=None)
    assert received == [0]
    assert await store.get_range(KEY, 5, 10, etag=None) == bytes(10), "the next request has a clean connection"


async def test_no_bytes_are_asked_for_by_no_request(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore
) -> None:
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    assert await store.get_range(KEY, 10, 0, etag='"e"') == b""
    assert fault_proxy.seen == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Welcome</html>",
        b"<ListBucketResult><Contents><Key>Doe</Key><Size>many</Size></Contents></ListBucketResult>",
        b"<ListBucketResult><Contents>",
    ],
)
async def test_something_that_is_no_s3_server_is_said_so(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore, body: bytes
) -> None:
    fault_proxy.faults = [Fault(status=200, body=body)]
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    with pytest.raises(StoreRefused, match="endpoint") as caught:
        await store.check_bucket()
    assert "Doe" not in str(caught.value.__dict__)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
async def test_nobody_there_is_unreachable(open_store: OpenStore, bucket: Bucket, endpoint: str) -> None:
    store = await open_store(StoreConfig(bucket.name, endpoint, timeout=5))
    with pytest.raises(StoreUnreachable) as caught:
        await store.get_range(KEY, 0, 10, etag=None)
    assert caught.value.status == 502
    assert "127.0.0.1" not in caught.value.message
