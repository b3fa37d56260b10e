"""Whether a request that changes something was sent by a page of this service: its cookie comes along with any."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_same_origin(fetch_site: str | None, origin: str | None, host: str | None, public_url: str | None) -> bool:
    """By what browsers write into requests and pages can't: Sec-Fetch-Site, or where a browser sends none (older ones, and
    plain http) Origin, which must be the public URL, or without one the Host. With neither header it isn't."""
    if fetch_site is not None:
        return fetch_site == "same-origin"
    if origin is None:
        return False
    if public_url is not None:
        return origin.lower() == public_url.rstrip("/").lower()
    return bool(host) and urlsplit(origin).netloc.lower() == (host or "").lower()
