"""Reads from a real S3 server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.odd_keys import ODD_KEYS
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
from wsi_streamer.objectstore.store import ObjectStore

DATA = bytes(range(256)) * 40


@pytest.mark.parametrize("key", ODD_KEYS)
async def test_odd_keys_are_read_exactly(bucket: Bucket, key: str) -> None:
    bucket.put(key, DATA)
    store = await ObjectStore.open(StoreConfig(bucket.name, bucket.server.endpoint))
    try:
        found = await store.head(key)
        assert (found.size, found.key) == (len(DATA), key)
        assert await store.get_range(key, 300, 500, etag=found.etag) == DATA[300:800]
        assert [o.key async for page in store.list() for o in page] == [key]
    finally:
        await store.aclose()


async def test_a_listing_goes_through_all_pages_in_key_order(bucket: Bucket) -> None:
    keys = sorted(f"p/{i:04}.svs" for i in range(1003))
    client = bucket.server.client()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: client.put_object(Bucket=bucket.name, Key=key, Body=b"x"), [*keys, "other.svs"]))
    store = await ObjectStore.open(StoreConfig(bucket.name, bucket.server.endpoint))
    try:
        pages = [page async for page in store.list("p/")]
        assert [o.key for page in pages for o in page] == keys
        assert len(pages) == 2
        assert [o.key async for page in store.list("p/", start_after=keys[-2]) for o in page] == keys[-1:]
    finally:
        await store.aclose()


async def test_a_replaced_object_is_never_read_as_the_old_one(bucket: Bucket) -> None:
    bucket.put("a.svs", DATA)
    store = await ObjectStore.open(StoreConfig(bucket.name, bucket.server.endpoint))
    try:
        etag = (await store.head("a.svs")).etag
        bucket.put("a.svs", DATA[::-1])
        with pytest.raises(ObjectChanged):
            await store.get_range("a.svs", 0, 10, etag=etag)
        bucket.put("a.svs", b"short")
        with pytest.raises(ObjectChanged):
            await store.get_range("a.svs", 100, 10, etag=None)
        bucket.delete("a.svs")
        with pytest.raises(ObjectNotFound):
            await store.get_range("a.svs", 0, 10, etag=None)
        with pytest.raises(ObjectNotFound):
            await store.head("a.svs")
    finally:
        await store.aclose()


async def test_wrong_set_ups_are_told_apart(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(config: StoreConfig) -> None:
        store = await ObjectStore.open(config)
        try:
            await store.check_bucket()
        finally:
            await store.aclose()

    endpoint = bucket.server.endpoint
    await check(StoreConfig(bucket.name, endpoint))
    with pytest.raises(BucketNotFound, match="does not exist"):
        await check(StoreConfig("no-such-bucket", endpoint))
    with pytest.raises(StoreUnreachable):
        await check(StoreConfig(bucket.name, "http://127.0.0.1:9", timeout=1))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(AccessDenied, match="credentials"):
        await check(StoreConfig(bucket.name, endpoint))


async def test_no_credentials_is_a_sentence_that_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(AccessDenied, match="AWS_ACCESS_KEY_ID"):
        await ObjectStore.open(StoreConfig("b"))


class TestFaults:
    @pytest.fixture
    async def store(self, bucket: Bucket, fault_proxy: FaultProxy) -> ObjectStore:
        bucket.put("a.svs", DATA)
        return await ObjectStore.open(StoreConfig(bucket.name, fault_proxy.endpoint, timeout=10, max_attempts=4))

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 503, "body": b"<Error><Code>SlowDown</Code></Error>"},
            {"status": 500},
            {"status": 502},
            {"status": 504},
            {"status": 400, "body": b"<Error><Code>SlowDown</Code></Error>"},
            {"reset": True},
            {"cut_body": 100},
        ],
    )
    async def test_a_passing_fault_is_tried_again(
        self, store: ObjectStore, fault_proxy: FaultProxy, fault: dict[str, object]
    ) -> None:
        fault_proxy.faults = [Fault(**fault), Fault(**fault)]  # type: ignore[arg-type]
        assert await store.get_range("a.svs", 10, 1000, etag=None) == DATA[10:1010]
        assert len(fault_proxy.gets()) == 3
        await store.aclose()

    async def test_a_lasting_fault_ends_within_the_attempts(self, store: ObjectStore, fault_proxy: FaultProxy) -> None:
        fault_proxy.faults = [Fault(status=503) for _ in range(20)]
        with pytest.raises(StoreUnreachable):
            await store.get_range("a.svs", 10, 1000, etag=None)
        assert len(fault_proxy.gets()) == 4
        await store.aclose()

    @pytest.mark.parametrize("status", [403, 404])
    async def test_a_refusal_is_not_tried_again(self, store: ObjectStore, fault_proxy: FaultProxy, status: int) -> None:
        fault_proxy.faults = [Fault(status=status)]
        with pytest.raises(AccessDenied if status == 403 else ObjectNotFound):
            await store.get_range("a.svs", 10, 1000, etag=None)
        assert len(fault_proxy.gets()) == 1
        await store.aclose()

    async def test_a_whole_object_or_another_part_is_refused(self, store: ObjectStore, fault_proxy: FaultProxy) -> None:
        fault_proxy.faults = [Fault(replace_status=200)]
        with pytest.raises(StoreRefused, match="range"):
            await store.get_range("a.svs", 10, 1000, etag=None)
        fault_proxy.faults = [Fault(replace_header=("content-range", "bytes 11-1010/10240"))]
        with pytest.raises(StoreRefused, match="another part"):
            await store.get_range("a.svs", 10, 1000, etag=None)
        await store.aclose()

    async def test_a_skewed_clock_is_corrected_once_from_the_servers_date(
        self, store: ObjectStore, fault_proxy: FaultProxy
    ) -> None:
        skewed = Fault(
            status=403,
            body=b"<Error><Code>RequestTimeTooSkewed</Code></Error>",
            headers={"date": "Sat, 01 Mar 2031 00:00:00 GMT"},
        )
        fault_proxy.faults = [skewed, skewed]
        with pytest.raises(AccessDenied):
            await store.get_range("a.svs", 10, 1000, etag=None)
        dates = [s.headers["x-amz-date"] for s in fault_proxy.gets()]
        assert len(dates) == 2
        assert dates[1].startswith("20310301")
        await store.aclose()
