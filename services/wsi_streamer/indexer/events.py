"""S3 event notifications as the stores send them -> keys. Pure: whether it is true is asked of the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus

import msgspec

from wsi_streamer.slides.errors import InvalidRequest

MAX_DEPTH = 4


def event_keys(body: bytes, bucket: str) -> list[str]:
    """The keys of ``bucket`` that a notification names, each once.

    Understood: S3's ``Records`` (AWS, MinIO, Ceph, versitygw), the same within SNS or SQS envelopes, EventBridge's ``detail``.
    Keys in Records are form-encoded by AWS and MinIO (``+`` is a space); Ceph and versitygw send them plain, and nothing
    tells which it was: every reading is given, and a HEAD finds the one that exists.

    Raises:
        InvalidRequest: not JSON, or nothing in it that looks like a notification.
    """
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequest("The notification is not JSON.") from None
    found = list(_events(message, MAX_DEPTH))
    if not found and not _names_nothing(message):
        raise InvalidRequest("The notification has neither Records nor a detail with bucket and object.")
    return list(dict.fromkeys(key for name, key in found if name == bucket and key and "\0" not in key))


def _events(message: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth == 0:
        return
    if isinstance(message, list):
        for item in message:
            yield from _events(item, depth - 1)
    elif isinstance(message, dict):
        for record in _list(message.get("Records")):
            yield from _record(record, depth)
        detail = message.get("detail")
        if isinstance(detail, dict):
            name, key = _text(detail, "bucket", "name"), _text(detail, "object", "key")
            if name and key:
                yield name, key
        if isinstance(message.get("Message"), str):  # SNS
            yield from _wrapped(message["Message"], depth)


def _record(record: Any, depth: int) -> Iterator[tuple[str, str]]:
    if not isinstance(record, dict):
        return
    name, key = _text(record, "s3", "bucket", "name"), _text(record, "s3", "object", "key")
    if name and key:
        yield from ((name, reading) for reading in (unquote_plus(key), key, unquote(key)))
    for envelope in (record.get("body"), _text(record, "Sns", "Message")):  # SQS, SNS to Lambda
        if isinstance(envelope, str):
            yield from _wrapped(envelope, depth)


def _wrapped(text: str, depth: int) -> Iterator[tuple[str, str]]:
    try:
        yield from _events(msgspec.json.decode(text), depth - 1)
    except (msgspec.DecodeError, RecursionError):
        return


def _names_nothing(message: Any) -> bool:
    """A notification without objects: AWS and versitygw send a test event when notifications are set up."""
    if not isinstance(message, dict):
        return False
    return message.get("Event") == "s3:TestEvent" or isinstance(message.get("Records"), list)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any, *path: str) -> str | None:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None
