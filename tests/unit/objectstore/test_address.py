"""Where requests go."""

from __future__ import annotations

import pytest

from wsi_streamer.objectstore.config import Address, Addressing, StoreConfig
from wsi_streamer.slides.errors import StorageError


@pytest.mark.parametrize(
    ("endpoint", "region", "bucket", "addressing", "address"),
    [
        (None, "us-east-1", "b", "auto", ("https", "b.s3.us-east-1.amazonaws.com", "")),
        (None, "eu-west-3", "b.c", "auto", ("https", "s3.eu-west-3.amazonaws.com", "/b.c")),
        (None, "eu-west-3", "b", "path", ("https", "s3.eu-west-3.amazonaws.com", "/b")),
        (None, "cn-north-1", "b", "auto", ("https", "b.s3.cn-north-1.amazonaws.com.cn", "")),
        ("http://127.0.0.1:9000", "r", "b", "auto", ("http", "127.0.0.1:9000", "/b")),
        ("http://minio:9000/", "r", "b", "virtual", ("http", "b.minio:9000", "")),
        ("https://s3.example.org:443", "r", "b", "auto", ("https", "s3.example.org", "/b")),
        ("http://s3.example.org:80", "r", "b", "auto", ("http", "s3.example.org", "/b")),
        ("https://s3.example.org:80", "r", "b", "auto", ("https", "s3.example.org:80", "/b")),
        ("s3.example.org", "r", "b", "auto", ("https", "s3.example.org", "/b")),
        ("http://[::1]:9000", "r", "b", "auto", ("http", "[::1]:9000", "/b")),
        ("HTTP://S3.Example.ORG", "r", "b", "auto", ("http", "s3.example.org", "/b")),
    ],
)
def test_addresses(
    endpoint: str | None, region: str, bucket: str, addressing: Addressing, address: tuple[str, str, str]
) -> None:
    found = Address.of(StoreConfig(bucket, endpoint, region, addressing))
    assert (found.scheme, found.host, found.base_path) == address


@pytest.mark.parametrize(
    "endpoint",
    ["ftp://h", "http://", "http://h/base", "http://h?x=1", "http://user:pw@h", "http://h:port", "http://h:99999"],
)
def test_what_is_no_endpoint_is_refused_without_repeating_it(endpoint: str) -> None:
    with pytest.raises(StorageError, match="endpoint") as caught:
        Address.of(StoreConfig("b", endpoint))
    assert "pw" not in caught.value.message
