"""Signed URLs: HMAC-SHA256 over the path as sent and the canonical query."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote

from wsi_streamer.slides.errors import InvalidExpiryFormat, InvalidSignatureFormat

_NOT_SIGNED = frozenset({"sig", "vt", "v"})
"""The signature itself, and the slide's version: it changes nothing about who may see the slide."""

_HEX = re.compile(r"[0-9a-fA-F]{64}\Z")
_DIGITS = re.compile(r"[0-9]{1,15}\Z")


def canonical_query(params: Mapping[str, str]) -> str:
    """Sorted, percent-encoded (RFC 3986) ``name=value`` joined by ``&``.

    The original joins them unencoded, so that ``a=1&b=2`` and ``a="1&b=2"`` sign alike. For values of unreserved
    characters this is the same string.
    """
    pairs = sorted((name, value) for name, value in params.items() if name not in _NOT_SIGNED)
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)


def sign(secret: bytes, raw_path: str, params: Mapping[str, str]) -> str:
    """64 hex digits; ``params`` holds ``exp`` and every other parameter the URL carries."""
    message = f"{raw_path}?{canonical_query(params)}"
    return hmac.new(secret, message.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def is_equal(expected: str, given: str) -> bool:
    """Compare hex digests in constant time; ``given`` may be in upper case."""
    return hmac.compare_digest(expected.encode(), given.lower().encode())


def read_signature(text: str) -> str:
    """Check a signature's form.

    Raises:
        InvalidSignatureFormat: not 64 hex digits.
    """
    if not _HEX.match(text):
        raise InvalidSignatureFormat("The signature must be 64 hexadecimal digits.")
    return text


def read_expiry(text: str) -> int:
    """Unix seconds.

    Raises:
        InvalidExpiryFormat: not a plain number of at most 15 digits.
    """
    if not _DIGITS.match(text):
        raise InvalidExpiryFormat("The expiry must be a time in unix seconds.")
    return int(text)
