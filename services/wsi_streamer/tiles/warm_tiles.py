"""Tiles in memory, found by their URL as it was sent: what is asked for often is parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.context import Admitted, TileContext
from wsi_streamer.tiles.lru import Lru
from wsi_streamer.tiles.tile_cache import TileCache, TileKey

MAX_URLS = 8_192
"""Some 500 bytes each."""

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    ref: str
    params: Mapping[str, str]
    slide: Slide
    key: TileKey
    headers: Headers


class WarmTiles:
    """What was worked out for a URL: slide, tile and headers. Never the right to see it, which is checked each time."""

    def __init__(self, context: TileContext, cache: TileCache) -> None:
        self._context = context
        self._cache = cache
        self._known: Lru[tuple[bytes, bytes], _Known] = Lru(MAX_URLS)
        self._hits = context.metrics.tile_cache.labels("hit")

    def find(self, raw_path: bytes, query: bytes) -> tuple[Headers, bytes] | None:
        """Headers and body of a tile; None where the way has to be gone in full, be it to the right refusal."""
        known = self._known.get((raw_path, query))
        if known is None or self._context.registry.cached(known.ref) is not known.slide:
            return None
        access = self._context.access
        if not access.is_open():
            try:
                access.check_slide(raw_path.decode("latin-1"), known.params, known.slide.key, self._context.now())
            except WsiError:
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
        self._known.put((raw_path, query), _Known(admitted.ref, admitted.params, slide, key, headers))
