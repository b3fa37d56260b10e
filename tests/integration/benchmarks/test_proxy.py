"""The latency proxy before the real S3 server: what it counts is what came through, and it is as far as it says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import boto3
import botocore.config
import pytest

from tests.benchmarks.distance import Distance
from tests.support.s3server import Bucket

BODY = bytes(range(256)) * 2000


@pytest.fixture
async def distance(bucket: Bucket) -> AsyncIterator[Distance]:
    bucket.put("a/slide.svs", BODY)
    distance = await asyncio.to_thread(Distance.start, bucket.server.endpoint)
    yield distance
    await asyncio.to_thread(distance.stop)


def client_of(distance: Distance, bucket: Bucket) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=distance.endpoint,
        region_name="us-east-1",
        aws_access_key_id=bucket.server.access_key,
        aws_secret_access_key=bucket.server.secret_key,
        config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


async def test_requests_and_bytes_are_counted_by_kind(distance: Distance, bucket: Bucket) -> None:
    client = client_of(distance, bucket)
    where = {"Bucket": bucket.name, "Key": "a/slide.svs"}

    def ask() -> bytes:
        client.head_object(**where)
        client.list_objects_v2(Bucket=bucket.name)
        client.get_object(**where, Range="bytes=100-299")["Body"].read()
        with pytest.raises(client.exceptions.NoSuchKey):
            client.get_object(Bucket=bucket.name, Key="b")
        before: bytes = client.get_object(**where)["Body"].read()
        return before

    await distance.reset()
    assert await asyncio.to_thread(ask) == BODY
    use = await distance.take()
    assert (use.gets, use.heads, use.lists, use.failed) == (3, 1, 1, 1)
    assert len(BODY) + 200 < use.body_bytes < len(BODY) + 200 + 3000, "with the listing and the error"
    assert use.connections == 1, "kept alive on both sides"
    assert (await distance.take()).requests == 0


async def test_each_request_takes_as_much_longer_as_was_set(distance: Distance, bucket: Bucket) -> None:
    client = client_of(distance, bucket)

    def ask() -> float:
        began = time.monotonic()
        for _ in range(4):
            client.head_object(Bucket=bucket.name, Key="a/slide.svs")
        return time.monotonic() - began

    await asyncio.to_thread(ask)
    await distance.set(0.1)
    assert await asyncio.to_thread(ask) >= 0.4
