"""Request targets: a key's exact bytes, percent-encoded once, as S3 signs them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote


def encode_key(key: str) -> str:
    """A key as it stands in a request target. Only unreserved characters and ``/`` stay as they are; dot segments and
    double slashes are part of the key and are left alone."""
    return quote(key, safe="/~")


def encode_query(params: Mapping[str, str]) -> str:
    """A query string in SigV4's canonical form, which then is also the one sent."""
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in params.items())
    return "&".join(f"{name}={value}" for name, value in pairs)
