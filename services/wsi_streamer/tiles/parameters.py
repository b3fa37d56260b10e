"""Reading path segments and query parameters: strict, and each only once decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args
from urllib.parse import unquote_to_bytes

from wsi_streamer.catalog.listing import Sort
from wsi_streamer.slides.errors import InvalidQuality, InvalidRequest, NotFound
from wsi_streamer.slides.slide import SlideStatus

_MAX_DIGITS = 10
MAX_KEY_BYTES = 1024
"""Of a key, as S3 has it; each may be written as three characters."""

_SORTS: tuple[str, ...] = get_args(Sort)

_HEX = frozenset(b"0123456789abcdefABCDEF")


def decode_ref(segment: bytes) -> str:
    """A slide's key or opaque id from one raw path segment.

    Raises:
        NotFound: not percent-encoded UTF-8, empty, longer than a key can be, or with a NUL: no slide can have such a name.
    """
    if len(segment) > 3 * MAX_KEY_BYTES:  # nothing so long is looked at any closer, nor remembered
        raise NotFound("No such slide: its name is longer than a name can be.")
    if b"%" in segment:
        parts = segment.split(b"%")
        if any(len(part) < 2 or part[0] not in _HEX or part[1] not in _HEX for part in parts[1:]):
            raise NotFound("No such slide: its name in the URL is not percent-encoded rightly.")
    try:
        ref = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise NotFound("No such slide: its name in the URL is not UTF-8.") from None
    if not ref or "\0" in ref or len(ref.encode()) > MAX_KEY_BYTES:
        raise NotFound("No such slide.")
    return ref


def parse_index(text: bytes) -> int | None:
    """A level or coordinate: decimal digits only, at most ten. None for anything else."""
    if text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    return None


def parse_quality(text: str) -> int:
    """A JPEG quality.

    Raises:
        InvalidQuality: not a whole number from 1 to 100.
    """
    if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= 100:
        return int(text)
    raise InvalidQuality("Invalid quality: it must be a whole number from 1 to 100.")


def asked_quality(params: Mapping[str, str]) -> int | None:
    """The quality a request asks for, None where it asks for none.

    Raises:
        InvalidQuality: not a whole number from 1 to 100.
    """
    text = params.get("quality")
    return None if text is None else parse_quality(text)


def parse_whole(name: str, text: str | None, default: int) -> int:
    """A whole number of any sign, for parameters that are clamped rather than refused.

    Raises:
        InvalidRequest: not a whole number.
    """
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
        raise InvalidRequest(f"Invalid {name}: it must be a whole number.")
    return int(text)


def parse_sort(text: str) -> Sort:
    """The order of a list.

    Raises:
        InvalidRequest: there is no such order.
    """
    if text not in _SORTS:
        raise InvalidRequest(f"Invalid sort: use one of {', '.join(_SORTS)}.")
    return cast("Sort", text)


def parse_status(text: str | None) -> SlideStatus | None:
    """The status that a list is confined to, None where it is to none.

    Raises:
        InvalidRequest: there is no such status.
    """
    if text is not None and text not in list(SlideStatus):
        raise InvalidRequest(f"Invalid status: use one of {', '.join(SlideStatus)}.")
    return None if text is None else SlideStatus(text)
