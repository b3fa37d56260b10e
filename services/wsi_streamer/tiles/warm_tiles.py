"""Tiles in memory, found by their URL as it was sent: what is asked for often is parsed once."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.context import Admitted, TileContext
from wsi_streamer.tiles.lru import Lru
from wsi_streamer.tiles.tile_cache import TileCache, TileKey

MAX_URLS = 8_192
"""Some 500 bytes each."""

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    expires: int | None
    slide: Slide
    key: TileKey
    headers: Headers


class WarmTiles:
    """What was worked out for a URL: tile, headers, and until when its bytes give the right to see it. A signature or token
    that was right for exactly these bytes can only end by time, which is checked each time."""

    def __init__(self, context: TileContext, cache: TileCache) -> None:
        self._registry = context.registry
        self._now = context.now
        self._cache = cache
        self._known: Lru[tuple[bytes, bytes], _Known] = Lru(MAX_URLS)
        self._hits = context.metrics.tile_cache.labels("hit")

    def find(self, raw_path: bytes, query: bytes) -> tuple[Headers, bytes] | None:
        """Headers and body of a tile; None where the way has to be gone in full, be it to the right refusal."""
        known = self._known.get((raw_path, query))
        if known is None or (known.expires is not None and int(self._now()) > known.expires):
            return None
        if not self._registry.is_current(known.slide):
            return None
        body = self._cache.get(known.key)
        if body is None:
            return None
        self._hits.inc()
        return known.headers, body

    def remember(
        self, raw_path: bytes, query: bytes, admitted: Admitted, slide: Slide, key: TileKey, headers: Headers
    ) -> None:
        """A URL was answered with a tile that is in memory now; ``headers`` are those of the next answer."""
        self._known.put((raw_path, query), _Known(admitted.expires, slide, key, headers))
