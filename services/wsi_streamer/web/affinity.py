"""Which of several workers a request belongs to, read from its first bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

MAX_SEGMENT = 4096
"""Bytes of a path segment that are looked at: a key of 1,024 bytes, all of them percent-encoded, has 3,072."""


class Match(NamedTuple):
    """A request that is about one thing."""

    key: bytes
    """What its path segment says, percent-decoded once."""

    beginning: bytes
    """The request's bytes up to the end of that segment: whatever begins so is about the same thing."""


class Affinity:
    """Requests of the same key go to the same worker, because what it has learned of that thing is kept there. It is no
    more than that: any worker answers any request, so whatever can't be read here is nobody's in particular."""

    def __init__(self, routes: Sequence[str], suffixes: Sequence[str] = ()) -> None:
        """``/{route}/{key}…`` for each of ``routes``; one of ``suffixes`` at the segment's end is not the key's."""
        names = b"|".join(re.escape(route).encode() for route in routes)
        # The method's letters, one blank, an absolute path: what llhttp takes besides (a whole URL, an empty line before)
        # is no browser's. The segment's end must be there, or a key that came in two pieces would be two keys.
        self._request = re.compile(rb"[A-Z]{1,16} /(?:%s)/([^/ ?#\r\n]{1,%d})[/ ?#]" % (names, MAX_SEGMENT))
        self._suffixes = tuple(suffix.encode() for suffix in suffixes)

    def match(self, data: bytes) -> Match | None:
        """What the request that begins with ``data`` is about; None where it is about nothing, or not readable."""
        found = self._request.match(data)
        if found is None:
            return None
        segment = found[1]
        for suffix in self._suffixes:
            segment = segment.removesuffix(suffix)
        return Match(unquote_to_bytes(segment), found[0])


def owner(key: bytes, workers: Sequence[bool]) -> int | None:
    """The worker of a key, out of those that are up; None where none is. The same in each process and after each start.
    A worker's keys go to the next while it is down; all others stay where they are."""
    # Not a CRC: case-1 to case-9 differ in a few bits, and would all be one worker's.
    first = int.from_bytes(blake2b(key, digest_size=8).digest()) % len(workers)
    for step in range(len(workers)):
        index = (first + step) % len(workers)
        if workers[index]:
            return index
    return None
