"""Cross-origin rules: closed unless named when access is on; every origin when it is off, as the original does."""

from __future__ import annotations

from dataclasses import dataclass

_EXPOSED = (
    b"ETag, X-Tile-Cache-Hit, X-Tile-Quality, X-Thumbnail-Size-Clamped, X-Thumbnail-Requested-Size, "
    b"X-Thumbnail-Actual-Size, Retry-After"
)
_PREFLIGHT_SECONDS = b"86400"

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class CorsPolicy:
    """Which origins may read answers. Credentials are never allowed across origins."""

    any_origin: bool
    origins: frozenset[bytes]

    @classmethod
    def of(cls, named: tuple[str, ...] | None, *, open_access: bool) -> CorsPolicy:
        """``named`` None: all while access is open, none when it is on. ``*`` must be named to be allowed then."""
        if named is None:
            return cls(open_access, frozenset())
        return cls("*" in named, frozenset(origin.encode() for origin in named))

    @property
    def embeddable(self) -> bool:
        """Whether pages of any other origin may show pictures at all. An ``<img>`` says nothing of its page's origin, so
        where one is named, all may."""
        return self.any_origin or bool(self.origins)

    def headers(self, origin: bytes | None) -> Headers:
        """For an answer to a request that carries ``origin``."""
        if self.any_origin:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED)]
        if not self.origins:
            return []
        vary = (b"vary", b"Origin")
        if origin is None or origin not in self.origins:
            return [vary]
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _EXPOSED),
            vary,
        ]

    def preflight(self, origin: bytes | None, allowed: bytes) -> Headers:
        """For an OPTIONS request to a route that has the methods ``allowed``."""
        headers = [(b"allow", allowed), *self.headers(origin)]
        if any(name == b"access-control-allow-origin" for name, _ in headers):
            headers += [
                (b"access-control-allow-methods", allowed),
                (b"access-control-allow-headers", b"*"),
                (b"access-control-max-age", _PREFLIGHT_SECONDS),
            ]
        return headers
