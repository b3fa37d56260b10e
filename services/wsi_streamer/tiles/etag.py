"""Entity tags: made of a picture's name and its slide's version, so that a 304 needs no picture."""

from __future__ import annotations


def etag_matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header holds the tag; weak comparison, as RFC 9110 asks for GET."""
    if if_none_match.strip() == "*":
        return True
    return any(candidate.strip().removeprefix("W/") == etag for candidate in if_none_match.split(","))
