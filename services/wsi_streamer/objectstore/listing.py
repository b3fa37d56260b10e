"""Pages of ListObjectsV2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.parsers import expat

from wsi_streamer.objectstore.errors import StoreRefused
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
        _refuse_entities(body)
        root = ET.fromstring(body)  # noqa: S314 - a body with a DTD was refused, and there are no entities without one
    except (ET.ParseError, expat.ExpatError, ValueError):
        raise StoreRefused("The object store's listing can't be read.") from None
    namespace = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    if root.tag != f"{namespace}ListBucketResult":
        raise StoreRefused("The object store's listing can't be read.")
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
    """An etag as If-Match wants it; some servers list it without its quotes."""
    return etag if etag.startswith(('"', "W/")) else f'"{etag}"'


def _refuse_entities(body: bytes) -> None:
    if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body:
        raise ValueError("a listing has no DTD")
