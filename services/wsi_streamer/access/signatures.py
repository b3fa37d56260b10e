"""Signed URLs: ``sig`` is the hex HMAC-SHA256 of "path?canonical query" under the shared secret.

The format is WSIStreamer's, so that links made by existing scripts verify, with one difference: names and values are
percent-encoded before they are joined, so that no value can pose as another parameter.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from wsi_streamer.access.embedded import MARK
from wsi_streamer.slides.errors import InvalidRequest, InvalidSignature, InvalidSignatureFormat

_UNSIGNED = frozenset(("sig", "vt", "v", MARK))
"""Not part of what is signed: the signature and token themselves, the version in tile URLs, which decides only how long a
browser may keep the tile, and the mark of a frame, which decides only which session is meant."""

_SIGNATURE_DIGITS = 64
_HEX = frozenset("0123456789abcdef")


def canonical_query(params: Mapping[str, str]) -> str:
    """The parameters in the one form that is signed: encoded as RFC 3986 says (all but letters, digits and ``-._~``),
    sorted by name, joined as ``k=v`` by ``&``. For values of unreserved characters that is WSIStreamer's string."""
    return "&".join(
        f"{name}={value}"
        for name, value in sorted((_encode(k), _encode(v)) for k, v in params.items() if k not in _UNSIGNED)
    )


def _encode(text: str) -> str:
    # Most names and values are plain words and numbers; quote() would look at each of their characters.
    return text if text.isascii() and text.isalnum() else quote(text, safe="", errors="surrogatepass")


def sign(secret: bytes, raw_path: str, params: Mapping[str, str], exp: int) -> str:
    """The signature of a path, as it is sent (still percent-encoded), with its other parameters, until ``exp``.

    Raises:
        InvalidRequest: a path that can't be sent.
    """
    return _signature(secret, raw_path, {**params, "exp": str(exp)})


def check(secrets: Sequence[bytes], raw_path: str, params: Mapping[str, str], signature: str) -> None:
    """Whether ``signature`` is that of a path with ``params``, ``exp`` among them, by one of some secrets. Takes the same
    time wherever it differs.

    Raises:
        InvalidSignatureFormat: not 64 hex digits.
        InvalidSignature: not the right ones.
    """
    given = hex_digest(signature)
    if not is_one_of(given, [_signature(secret, raw_path, params) for secret in secrets]):
        raise InvalidSignature("Invalid signature.")


def is_one_of(given: str, right: Sequence[str]) -> bool:
    """Whether a digest is one of the right ones; all are looked at, each in constant time."""
    return sum([hmac.compare_digest(given, one) for one in right]) > 0


def hex_digest(text: str) -> str:
    """A digest a client sent, in lower case.

    Raises:
        InvalidSignatureFormat: not 64 hex digits, of either case.
    """
    digest = text.lower() if text.isascii() else ""
    if len(digest) != _SIGNATURE_DIGITS or not _HEX.issuperset(digest):
        raise InvalidSignatureFormat("Invalid signature format: it must be 64 hex digits.")
    return digest


def _signature(secret: bytes, raw_path: str, params: Mapping[str, str]) -> str:
    try:
        path = raw_path.encode("latin-1")  # as ASGI servers and HTTP clients write a path's bytes as text
    except UnicodeEncodeError:
        raise InvalidRequest("The path must be percent-encoded.") from None
    return hmac.digest(secret, b"%s?%s" % (path, canonical_query(params).encode()), "sha256").hex()
