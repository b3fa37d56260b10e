"""Pages of ListObjectsV2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.parsers import expat

from wsi_streamer.objectstore.errors import StoreRefused, detailed
from wsi_streamer.slides.slide import StoredObject

MAX_PAGE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a listing."""

    objects: list[StoredObject]
    next_token: str | None


def list_params(prefix: str, start_after: str, token: str | None) -> dict[str, str]:
    """The query of one page. ``encoding-type=url``, because XML can't hold every key."""
    params = {"list-type": "2", "max-keys": "1000", "encoding-type": "url", "prefix": prefix}
    if token is not None:
        params["continuation-token"] = token
    elif start_after:
        params["start-after"] = start_after
    return params


def parse_page(body: bytes) -> ListPage:
    """Read a page.

    Raises:
        StoreRefused: not a listing.
    """
    try:
        return _parse(body)
    except (ET.ParseError, expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an unknown encoding
        # The parser's message may quote the listing, and so a key.
        message = "The object store's listing can't be read. Is the endpoint that of an S3 server?"
        raise detailed(StoreRefused(message), f"list: {type(error).__name__}") from None


def _parse(body: bytes) -> ListPage:
    _refuse_doctype(body)
    root = ET.fromstring(body)  # noqa: S314 - a body with a DTD was refused, and there are no entities without one
    namespace = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    if root.tag != f"{namespace}ListBucketResult":
        raise ValueError("not a listing")
    encoded = root.findtext(f"{namespace}EncodingType") == "url"
    objects = []
    for item in root.iterfind(f"{namespace}Contents"):
        key = item.findtext(f"{namespace}Key") or ""
        modified = item.findtext(f"{namespace}LastModified")
        objects.append(
            StoredObject(
                key=unquote(key.replace("+", " ")) if encoded else key,
                etag=quoted_etag(item.findtext(f"{namespace}ETag") or ""),
                size=int(item.findtext(f"{namespace}Size") or 0),
                last_modified=None if not modified else datetime.fromisoformat(modified),
                storage_class=item.findtext(f"{namespace}StorageClass") or "STANDARD",
            )
        )
    truncated = root.findtext(f"{namespace}IsTruncated") == "true"
    return ListPage(objects, root.findtext(f"{namespace}NextContinuationToken") if truncated else None)


def quoted_etag(etag: str) -> str:
    """An etag as If-Match wants it; some servers list it without its quotes. Empty stays empty: there is none."""
    return etag if not etag or etag.startswith(('"', "W/")) else f'"{etag}"'


def _refuse_doctype(body: bytes) -> None:
    """Ask expat rather than search the bytes: a body in UTF-16 has its DTD too."""

    def refuse(*_: object) -> None:
        raise ValueError("a listing has no DTD")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(body, True)
