"""Notifications in the words of each store."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wsi_streamer.indexer.events import event_keys
from wsi_streamer.slides.errors import InvalidRequest


def record(key: str, bucket: str = "slides", **more: Any) -> dict[str, Any]:
    """As AWS documents it, shortened."""
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
               "object": {"key": key, "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e"}},
        **more,
    }  # fmt: skip


def keys(message: Any) -> list[str]:
    return event_keys(json.dumps(message).encode(), "slides")


def test_aws_form_encodes_keys() -> None:
    assert keys({"Records": [record("a+b%2Bc/%E7%97%85.svs")]})[0] == "a b+c/病.svs"


def test_minio_adds_names_of_its_own_and_encodes_slashes_too() -> None:
    message = {
        "EventName": "s3:ObjectCreated:Put",
        "Key": "slides/case 1/a.svs",
        "Records": [record("case+1%2Fa.svs", eventSource="minio:s3")],
    }
    assert keys(message)[0] == "case 1/a.svs"


def test_ceph_sends_keys_as_they_are() -> None:
    message = {"Records": [record("a+b 100%.svs", eventSource="ceph:s3", eventId="1", opaqueData="me@example.com")]}
    assert "a+b 100%.svs" in keys(message)


def test_versitygw_sends_capital_records_with_null_fields() -> None:
    message = {"Records": [record("a.svs", glacierEventData={"restoreEventData": {}})]}
    message["Records"][0]["s3"]["object"]["versionId"] = None
    assert keys(message) == ["a.svs"]


def test_eventbridge_names_the_object_in_a_detail_with_a_plain_key() -> None:
    detail = {"version": "0", "bucket": {"name": "slides"}, "object": {"key": "a+b.svs", "size": 1}}
    message = {"version": "0", "detail-type": "Object Created", "source": "aws.s3", "detail": detail}
    assert keys(message) == ["a+b.svs"]


def test_envelopes_of_sns_and_sqs_are_opened() -> None:
    inner = json.dumps({"Records": [record("a.svs")]})
    assert keys({"Type": "Notification", "MessageId": "1", "Message": inner}) == ["a.svs"]
    assert keys({"Records": [{"messageId": "1", "body": inner}]}) == ["a.svs"]
    assert keys({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": inner}}]}) == ["a.svs"]
    assert keys({"Records": [{"body": json.dumps({"Message": inner})}]}) == ["a.svs"]


def test_a_list_of_messages_is_read_and_each_key_given_once() -> None:
    assert keys([{"Records": [record("a.svs"), record("b.svs")]}, {"Records": [record("a.svs")]}]) == ["a.svs", "b.svs"]


def test_other_buckets_and_keys_that_cannot_be_are_left_out() -> None:
    assert keys({"Records": [record("a.svs", bucket="other"), record(""), record("\0")]}) == []
    assert keys({"Records": [record("a%00.svs")]}) == ["a%00.svs"]  # not with a NUL


def test_test_messages_are_welcome() -> None:
    assert keys({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "slides"}) == []
    assert keys({"Records": []}) == keys({"Records": [3, None]}) == []


@pytest.mark.parametrize("body", [b"", b"{", b"<xml/>", b'"text"', b"{}", b"[]", b"3", b"null", b'{"Records": 3}'])
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        event_keys(body, "slides")


def test_deep_nesting_ends_somewhere() -> None:
    inner = json.dumps({"Records": [record("a.svs")]})
    for _ in range(20):
        inner = json.dumps({"Message": inner})
    with pytest.raises(InvalidRequest):
        event_keys(inner.encode(), "slides")
    with pytest.raises(InvalidRequest):
        event_keys(b"[" * 100_000, "slides")
