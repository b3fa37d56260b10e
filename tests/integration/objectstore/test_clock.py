"""A clock that is wrong is set right by the server's, once."""

from __future__ import annotations

import pytest

from tests.integration.objectstore.conftest import OpenStore
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.s3server import Bucket
from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.errors import AccessDenied

TWO_HOURS = 7200.0


@pytest.mark.parametrize("operation", ["get", "head", "list"])
@pytest.mark.parametrize("skew", [TWO_HOURS, -TWO_HOURS])
async def test_a_real_server_is_followed(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore, operation: str, skew: float
) -> None:
    bucket.put("a.svs", b"0123456789")
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    store._client._skew = skew
    for _ in range(2):
        if operation == "get":
            assert await store.get_range("a.svs", 1, 2, etag=None) == b"12"
        elif operation == "head":
            assert (await store.head("a.svs")).size == 10
        else:
            await store.check_bucket()
    assert len(fault_proxy.seen) == 3, "the first is refused and repeated, the second knows the time"
    assert abs(store._client._skew) < 5


async def test_a_refused_head_is_not_repeated_when_the_clocks_agree(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    with pytest.raises(AccessDenied):
        await store.head("a.svs")
    assert len(fault_proxy.seen) == 1


@pytest.mark.parametrize("date", [None, "yesterday"])
async def test_a_refusal_without_a_usable_date_is_final(
    bucket: Bucket, fault_proxy: FaultProxy, open_store: OpenStore, date: str | None
) -> None:
    body = b"<Error><Code>RequestTimeTooSkewed</Code></Error>"
    fault_proxy.faults = [Fault(status=403, body=body, headers={} if date is None else {"date": date})]
    store = await open_store(StoreConfig(bucket.name, fault_proxy.endpoint))
    with pytest.raises(AccessDenied):
        await store.get_range("a.svs", 1, 2, etag=None)
    assert len(fault_proxy.seen) == 1
