"""Query strings, read strictly: what two parsers could read differently is refused."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from wsi_streamer.slides.errors import InvalidRequest

MAX_QUERY_BYTES = 8_192


def parse_query(raw: bytes) -> dict[str, str]:
    """Names and values, decoded once as HTML forms are (``+`` is a space).

    Raises:
        InvalidRequest: a name twice, bytes that are not UTF-8, a NUL, or far too long.
    """
    if not raw:
        return {}
    if len(raw) > MAX_QUERY_BYTES:
        raise InvalidRequest("The query is too long.")
    params: dict[str, str] = {}
    for pair in raw.split(b"&"):
        if not pair:
            continue
        name, _, value = pair.partition(b"=")
        decoded = _decode(name)
        if decoded in params:
            raise InvalidRequest("A parameter is given twice.")
        params[decoded] = _decode(value)
    return params


def _decode(text: bytes) -> str:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    try:
        decoded = (unquote_to_bytes(text) if b"%" in text else text).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidRequest("A parameter is not UTF-8.") from None
    if "\0" in decoded:
        raise InvalidRequest("A parameter holds a NUL.")
    return decoded
