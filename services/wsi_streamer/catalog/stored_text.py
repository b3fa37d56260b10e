"""Text as Postgres stores it, in the order of its bytes (COLLATE "C")."""

from __future__ import annotations

AFTER_ALL_KEYS = "\U0010ffff" * 257
"""Greater than any key: one has at most 1,024 bytes."""


def clean(value: str) -> str:
    """Postgres stores neither NUL nor lone surrogates, and hostile files hold both."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def is_clean(value: str) -> bool:
    """Whether `clean` leaves it as it is: no key in the catalog is otherwise."""
    return clean(value) == value


def after_prefix(prefix: str) -> str:
    """The least text greater than all that begins with ``prefix``, so that an index finds those as one range."""
    for i in range(len(prefix) - 1, -1, -1):
        following = ord(prefix[i]) + 1
        if 0xD800 <= following <= 0xDFFF:  # surrogates are no characters
            following = 0xE000
        if following <= 0x10FFFF:
            return prefix[:i] + chr(following)
    return AFTER_ALL_KEYS
