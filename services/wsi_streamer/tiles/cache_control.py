"""Which cache headers a picture gets: for browsers, and for an edge cache that checks access itself."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.access.caller import Caller

YEAR = 31_536_000
DAY = 86_400
MAX_PRIVATE_SECONDS = 240
"""With access on, for how long a browser keeps a picture at most. A grant may be revoked: this, what an edge remembers
and what a worker remembers of a right (`passes.py`) make 300 s."""

MAX_RIGHT_SECONDS = 300
"""For how long an edge remembers a right that can only end by time."""

MAX_REVOCABLE_RIGHT_SECONDS = 30
"""For how long one that can be revoked."""

EDGE_SECONDS = DAY
"""How long an edge cache keeps the picture of a versioned URL before it asks again. Such a picture never changes, but its
slide may be deleted; asking again costs a 304."""

_ACCEL = "x-accel-expires"


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Header values, prebuilt, since each tile carries one."""

    versioned: str
    """Cache-Control for URLs that carry the slide's current version: their picture never changes."""

    unversioned: str
    edge: bool = False
    """Whether an nginx in front keeps pictures, and asks /access before it hands one out. Without such a check it would
    show protected pictures to anyone, so nothing must tell it to keep them unless this was set."""

    @classmethod
    def of(cls, *, open_access: bool, max_age: int, edge: bool = False) -> CachePolicy:
        """The policy of a deployment."""
        if open_access:
            return cls(f"public, max-age={YEAR}, immutable", f"public, max-age={max_age}", edge)
        seconds = min(max_age, MAX_PRIVATE_SECONDS)
        return cls(f"private, max-age={seconds}", f"private, max-age={seconds}", edge)

    def headers(self, *, versioned: bool) -> dict[str, str]:
        """Of a picture. For the edge first: nginx before 1.23 lets the first of these two headers win. It strips that one
        from what it passes on. A URL without version shows what the slide is now: an edge that kept it would mix two."""
        accel = {_ACCEL: str(EDGE_SECONDS if versioned else 0)} if self.edge else {}
        return {**accel, "cache-control": self.versioned if versioned else self.unversioned}

    def sensitive(self) -> dict[str, str]:
        """Of a picture that needs a permission of its own (a label): nobody keeps it, so that each view is on record."""
        return {**({_ACCEL: "0"} if self.edge else {}), "cache-control": "private, no-store"}

    def raw_headers(self, *, versioned: bool) -> tuple[tuple[bytes, bytes], ...]:
        """The same, as ASGI wants them."""
        return tuple((name.encode(), value.encode()) for name, value in self.headers(versioned=versioned).items())

    def never(self) -> tuple[tuple[bytes, bytes], ...]:
        """For answers that no edge may keep, whatever its configuration says: errors, pages, lists, metadata."""
        return ((_ACCEL.encode(), b"0"),) if self.edge else ()


def right_seconds(caller: Caller, now: float) -> int:
    """How long an edge may remember that a caller was let in. A second less than is left, for what the answer takes to get
    there."""
    most = MAX_REVOCABLE_RIGHT_SECONDS if caller.revocable else MAX_RIGHT_SECONDS
    return most if caller.expires is None else max(0, min(most, caller.expires - int(now) - 1))
