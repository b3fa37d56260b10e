"""The ``exp`` of signed URLs and viewer tokens: unix seconds."""

from __future__ import annotations

from wsi_streamer.slides.errors import InvalidExpiryFormat

MAX_EXPIRY = 2**53
"""What every language's numbers hold exactly."""


def parse_expiry(text: str) -> int:
    """Unix seconds, from decimal digits alone: no sign, no space, no leading zero, so that one time has one spelling.

    Raises:
        InvalidExpiryFormat: anything else.
    """
    if text.isascii() and text.isdigit() and len(text) <= 16 and (text[0] != "0" or text == "0"):
        expiry = int(text)
        if expiry <= MAX_EXPIRY:
            return expiry
    raise InvalidExpiryFormat("Invalid expiry: exp must be unix seconds, as plain decimal digits.")
