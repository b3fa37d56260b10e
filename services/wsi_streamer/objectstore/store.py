"""The bucket: ranged reads, HEAD, listing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn

import httpx

from wsi_streamer.objectstore.client import MAX_ERROR_BYTES, Answer, S3Client, UnusableAnswer
from wsi_streamer.objectstore.config import StoreConfig
from wsi_streamer.objectstore.credentials import CredentialSource
from wsi_streamer.objectstore.errors import (
    AccessDenied,
    BucketNotFound,
    ObjectChanged,
    ObjectNotFound,
    StoreRefused,
    detailed,
)
from wsi_streamer.objectstore.listing import MAX_PAGE_BYTES, list_params, parse_page, quoted_etag
from wsi_streamer.objectstore.observer import NoObserver, Observer
from wsi_streamer.objectstore.targets import encode_key, encode_query
from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.slide import StoredObject

Arriving = Callable[[bytearray], None]

_MISSING_BUCKET = "The bucket does not exist. Check its name, the endpoint and the region."
_CHANGED = "The slide was replaced while it was read."
_DENIED = "The object store denies access. Check the credentials and that they may list and read the bucket."
_BAD_CREDENTIALS = frozenset({"ExpiredToken", "InvalidToken", "TokenRefreshRequired"})
"""AWS answers these with 400."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class ObjectStore:
    """Reads one bucket. Every answer is checked against what was asked before anyone sees it."""

    def __init__(self, client: S3Client, credentials: CredentialSource) -> None:
        self._client = client
        self._credentials = credentials

    @classmethod
    async def open(cls, config: StoreConfig, observer: Observer | None = None) -> ObjectStore:
        """With credentials from botocore's chain. Nothing is asked of the store yet.

        Raises:
            AccessDenied: no credentials.
            StorageError: a setting that can't be right.
        """
        credentials = await CredentialSource.open()
        try:
            return cls(S3Client(config, credentials, observer or NoObserver()), credentials)
        except Exception:
            await credentials.aclose()
            raise

    async def get_range(
        self, key: str, start: int, length: int, *, etag: str | None, arriving: Arriving | None = None
    ) -> bytes:
        """Exactly ``length`` bytes of an object from ``start``, of the version with this ``etag``.

        Args:
            arriving: called with all the bytes that have come so far, again and again; what it is shown is right even
                where the read fails later. The result is empty then.

        Raises:
            ObjectChanged: the object is another one by now (412), or shorter (416, or the range is cut off).
            ObjectNotFound: there is no such object.
            AccessDenied, StoreRefused, StoreUnreachable: as the store answers.
        """
        if length == 0:
            return b""
        headers = {"range": f"bytes={start}-{start + length - 1}"}
        if etag:
            headers["if-match"] = etag
        asked = _AskedRange(start, length, etag, arriving)
        answer = await self._client.send(
            "get",
            "/" + encode_key(key),
            headers=headers,
            max_bytes=max(length, MAX_ERROR_BYTES),
            check=asked.check,
            sink=None if arriving is None else asked,
        )
        if answer.status != 206:
            _refuse(answer, "ranged GET")
        fault = asked.fault(answer.headers)
        if fault is not None:
            raise fault
        return answer.body

    async def head(self, key: str) -> StoredObject:
        """An object's size, etag and storage class.

        Raises:
            ObjectNotFound, AccessDenied, StoreRefused, StoreUnreachable: as the store answers.
        """
        answer = await self._client.send("head", "/" + encode_key(key), method="HEAD", max_bytes=MAX_ERROR_BYTES)
        if answer.status != 200:
            _refuse(answer, "HEAD")
        size = answer.headers.get("content-length", "")
        if not size.isdecimal():
            raise detailed(StoreRefused("The object store does not tell the size of objects."), "HEAD")
        return StoredObject(
            key=key,
            etag=quoted_etag(answer.headers.get("etag", "")),
            size=int(size),
            last_modified=_date(answer.headers.get("last-modified", "")),
            storage_class=answer.headers.get("x-amz-storage-class", "STANDARD"),
        )

    async def list(self, prefix: str = "", start_after: str = "") -> AsyncIterator[list[StoredObject]]:
        """All objects under a prefix in key order, a page (up to 1,000) at a time.

        Raises:
            BucketNotFound, AccessDenied, StoreRefused, StoreUnreachable: as the store answers.
        """
        token: str | None = None
        while True:
            page = parse_page(await self._list(list_params(prefix, start_after, token)))
            yield page.objects
            if page.next_token is None or page.next_token == token:
                return
            token = page.next_token

    async def check_bucket(self) -> None:
        """Ask for one key, to see that the bucket, the endpoint and the credentials are right.

        Raises:
            BucketNotFound, AccessDenied, StoreRefused, StoreUnreachable: as the store answers.
        """
        parse_page(await self._list({"list-type": "2", "max-keys": "1"}))

    async def aclose(self) -> None:
        """Close all connections and stop refreshing credentials."""
        await self._credentials.aclose()
        await self._client.aclose()

    async def _list(self, params: dict[str, str]) -> bytes:
        answer = await self._client.send("list", "/?" + encode_query(params), max_bytes=MAX_PAGE_BYTES)
        if answer.status == 404:
            raise detailed(BucketNotFound(_MISSING_BUCKET), "list: HTTP 404")
        if answer.status != 200:
            _refuse(answer, "list")
        return answer.body


class _AskedRange:
    """A range, and what its answer must be like."""

    def __init__(self, start: int, length: int, etag: str | None, arriving: Arriving | None) -> None:
        self._start = start
        self._length = length
        self._etag = etag
        self._arriving = arriving
        self._came = bytearray()

    def fault(self, headers: httpx.Headers) -> WsiError | None:
        """What is wrong with the head of an answer of status 206."""
        if not headers.get("content-range", "").startswith(f"bytes {self._start}-{self._start + self._length - 1}/"):
            message = "The object store sent another part of the object than was asked for."
            return detailed(StoreRefused(message), "ranged GET: wrong Content-Range")
        if self._etag and quoted_etag(headers.get("etag", self._etag)) != self._etag:
            return detailed(ObjectChanged(_CHANGED), "ranged GET: another ETag came, If-Match was ignored")
        return None

    def check(self, answer: Answer) -> None:
        """Whether a whole answer has all its bytes."""
        if answer.status == 206 and answer.received != self._length:
            reason = f"{answer.received} of {self._length} bytes came"
            if _ends_here(answer, self._start):
                raise detailed(ObjectChanged(_CHANGED), f"ranged GET: {reason}")
            raise UnusableAnswer(reason)

    def begin(self, status: int, headers: httpx.Headers) -> bool:
        """For `Sink`: only an answer that is right so far is shown."""
        self._came.clear()
        return status == 206 and self.fault(headers) is None

    def feed(self, chunk: bytes) -> None:
        """For `Sink`."""
        self._came += chunk
        if self._arriving is not None and len(self._came) <= self._length:
            self._arriving(self._came)


def _ends_here(answer: Answer, start: int) -> bool:
    """Whether the store rightly sent less than was asked for, because the object ends before."""
    found = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
    if found is None:
        return False
    first, last, size = map(int, found.groups())
    return first == start and last + 1 == size and answer.received == size - start


def _date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except ValueError:
        return None


def _refuse(answer: Answer, operation: str) -> NoReturn:
    code = answer.error_code()
    detail = f"{operation}: HTTP {answer.status} {code}"
    if answer.status in (412, 416):
        raise detailed(ObjectChanged(_CHANGED), detail)
    if code == "NoSuchBucket":
        raise detailed(BucketNotFound(_MISSING_BUCKET), detail)
    if answer.status == 404:
        raise detailed(ObjectNotFound("No such slide."), detail)
    if code == "InvalidObjectState":
        raise detailed(StoreRefused("The object is archived. Restore it from its storage class first."), detail)
    if answer.status in (401, 403) or code in _BAD_CREDENTIALS:
        raise detailed(AccessDenied(_DENIED), detail)
    if answer.status in (301, 307, 308) or code == "AuthorizationHeaderMalformed":
        region = answer.headers.get("x-amz-bucket-region")
        hint = f" The bucket is in {region}." if region else ""
        raise detailed(StoreRefused(f"The bucket is elsewhere: set --s3-region or --s3-endpoint.{hint}"), detail)
    if answer.status == 200 and operation == "ranged GET":
        raise detailed(StoreRefused("The object store does not honour range requests."), detail)
    raise detailed(StoreRefused("The object store refused the request."), detail)
