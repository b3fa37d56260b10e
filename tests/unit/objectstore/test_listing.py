"""Pages of a listing, good and hostile."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.odd_keys import ODD_KEYS
from wsi_streamer.objectstore.errors import StoreRefused
from wsi_streamer.objectstore.listing import parse_page

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def page(*contents: str, more: str = "", namespace: str = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"') -> bytes:
    inner = "".join(f"<Contents>{one}</Contents>" for one in contents)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult{namespace}>{more}{inner}</ListBucketResult>'.encode()
    )


URL = "<EncodingType>url</EncodingType>"


@pytest.mark.parametrize("encode", [quote, quote_plus, lambda key: quote(key, safe="")])
@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys_survive_in_every_way_that_servers_encode_them(key: str, encode: object) -> None:
    assert callable(encode)
    (found,) = parse_page(page(f"<Key>{escape(encode(key))}</Key><Size>1</Size>", more=URL)).objects
    assert found.key == key


@given(KEYS)
def test_any_key_survives(key: str) -> None:
    (found,) = parse_page(page(f"<Key>{escape(quote_plus(key))}</Key><Size>1</Size>", more=URL)).objects
    assert found.key == key


def test_a_server_that_does_not_encode_is_taken_at_its_word() -> None:
    (found,) = parse_page(page("<Key>a+b%20c.svs</Key><Size>1</Size>")).objects
    assert found.key == "a+b%20c.svs"


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'])
def test_all_fields(namespace: str) -> None:
    fields = (
        "<Key>a.svs</Key><LastModified>2026-03-04T05:06:07.000Z</LastModified><ETag>&quot;e-2&quot;</ETag>"
        "<Size>5000000000</Size><StorageClass>GLACIER</StorageClass><Owner><ID>x</ID></Owner>"
    )
    (found,) = parse_page(page(fields, namespace=namespace)).objects
    assert (found.key, found.etag, found.size, found.storage_class) == ("a.svs", '"e-2"', 5_000_000_000, "GLACIER")
    assert found.last_modified == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(("listed", "kept"), [("e", '"e"'), ('"e"', '"e"'), ('W/"e"', 'W/"e"'), ("", "")])
def test_an_etag_is_quoted_and_none_stays_none(listed: str, kept: str) -> None:
    (found,) = parse_page(page(f"<Key>a</Key><Size>1</Size><ETag>{escape(listed)}</ETag>")).objects
    assert found.etag == kept


def test_there_is_a_next_page_only_where_the_server_says_so() -> None:
    token = "<NextContinuationToken>t/+=</NextContinuationToken>"
    assert parse_page(page(more=f"<IsTruncated>true</IsTruncated>{token}")).next_token == "t/+="
    assert parse_page(page(more=f"<IsTruncated>false</IsTruncated>{token}")).next_token is None
    assert parse_page(page()).objects == []


def _laughs() -> str:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    return f"<!DOCTYPE x [{entities}]><ListBucketResult><Contents><Key>&a11;</Key></Contents></ListBucketResult>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "body",
    [
        _laughs(),
        " " * 10_000 + _laughs(),
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><ListBucketResult/>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><ListBucketResult>&f;</ListBucketResult>',
    ],
    ids=["laughs", "late", "external", "file"],
)
def test_a_document_type_is_refused_before_it_does_anything(body: str, encoding: str) -> None:
    began = time.monotonic()
    with pytest.raises(StoreRefused):
        parse_page(body.encode(encoding))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0",
        b"<html/>",
        b"<ListBucketResult>",
        b"<Error><Code>AccessDenied</Code></Error>",
        page("<Key>a</Key><Size>-</Size>"),
        page("<Key>a</Key><Size>1</Size><LastModified>soon</LastModified>"),
        b'<?xml version="1.0" encoding="nonsense"?><ListBucketResult/>',
    ],
)
def test_garbage_is_refused(body: bytes) -> None:
    with pytest.raises(StoreRefused, match="listing can't be read"):
        parse_page(body)
