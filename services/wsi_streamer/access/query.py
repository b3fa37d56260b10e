"""A query string as the names and values it stands for: read once, strictly, by everything that looks at one."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from wsi_streamer.slides.errors import InvalidExpiryFormat, InvalidRequest, InvalidSignatureFormat, WsiError

_HEX = frozenset("0123456789abcdefABCDEF")


def parse_query(raw: bytes) -> dict[str, str]:
    """Names and values, decoded once as HTML forms are: ``&`` parts pairs, ``+`` is a space, an empty pair is nothing.

    Where a browser's parser would guess, this one refuses: what a proxy, a signature and a handler each read
    differently is how signatures are got round.

    Raises:
        InvalidRequest: a name given twice, a broken percent-escape, bytes that are not UTF-8, a NUL.
        InvalidSignatureFormat: ``sig`` or ``vt`` given twice.
        InvalidExpiryFormat: ``exp`` given twice.
    """
    params: dict[str, str] = {}
    if not raw:
        return params
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise InvalidRequest("The query is not UTF-8.") from None
    escaped = "%" in text or "+" in text
    for pair in text.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if escaped:
            name, value = _decode(name), _decode(value)
        if name in params:
            raise _twice(name)
        params[name] = value
    if "\0" in text or (escaped and any("\0" in name or "\0" in value for name, value in params.items())):
        raise InvalidRequest("The query holds a NUL character.")
    return params


def _decode(part: str) -> str:
    part = part.replace("+", " ")
    first, *escapes = part.split("%")
    if not escapes:
        return first
    if any(len(escape) < 2 or escape[0] not in _HEX or escape[1] not in _HEX for escape in escapes):
        raise InvalidRequest("The query is not percent-encoded rightly: a % must be followed by two hex digits.")
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise InvalidRequest("The query is not UTF-8.") from None


def _twice(name: str) -> WsiError:
    if name in ("sig", "vt"):
        return InvalidSignatureFormat(f"Invalid signature: {name} is given twice.")
    if name == "exp":
        return InvalidExpiryFormat("Invalid expiry: exp is given twice.")
    return InvalidRequest("A parameter is given twice.")
