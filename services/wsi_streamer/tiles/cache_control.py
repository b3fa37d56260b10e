"""Which Cache-Control a picture gets."""

from __future__ import annotations

from dataclasses import dataclass

YEAR = 31_536_000
MAX_PRIVATE_SECONDS = 300
"""With access on, nothing is kept longer by a browser: a grant may be revoked."""


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Header values, prebuilt, since each tile carries one."""

    versioned: str
    """For URLs that carry the slide's current version: their picture never changes."""

    unversioned: str

    @classmethod
    def of(cls, *, open_access: bool, max_age: int) -> CachePolicy:
        """The policy of a deployment."""
        if open_access:
            return cls(f"public, max-age={YEAR}, immutable", f"public, max-age={max_age}")
        seconds = min(max_age, MAX_PRIVATE_SECONDS)
        return cls(f"private, max-age={seconds}", f"private, max-age={seconds}")
