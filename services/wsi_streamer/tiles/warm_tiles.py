"""Tiles in memory, found by their URL as it was sent: what is asked for often is parsed once."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.access.audit.viewing import Viewing
from wsi_streamer.access.embedded import MARK
from wsi_streamer.access.gate import GRANT_PARAM
from wsi_streamer.slides.ids import is_slide_id
from wsi_streamer.slides.slide import Slide
from wsi_streamer.tiles.context import Admitted, TileContext
from wsi_streamer.tiles.lru import Lru
from wsi_streamer.tiles.passes import Passes, Right, Shown
from wsi_streamer.tiles.tile_cache import TileCache, TileKey

MAX_URLS = 8_192
MAX_URL_BYTES = 1_024
"""What is longer is answered the long way: 8 MB for all."""

MAX_SHOWN_BYTES = 8_192
"""Of headers that show a right: as above."""

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    right: Right
    slide_id: str
    key: TileKey
    headers: Headers


class WarmTiles:
    """What was worked out for a URL: tile, headers, and what its right hangs on. Whoever shows what was right a moment ago,
    in URL and headers to the byte, has a pass (`passes.py`); everyone else goes the long way."""

    def __init__(self, context: TileContext, cache: TileCache, passes: Passes) -> None:
        self._registry = context.registry
        self._now = context.now
        self._cache = cache
        self._passes = passes
        self._known: Lru[tuple[bytes, bytes], _Known] = Lru(MAX_URLS)
        self._hits = context.metrics.tile_cache.labels("hit")

    def find(self, raw_path: bytes, query: bytes, shown: Shown) -> tuple[Headers, bytes] | None:
        """Headers and body of a tile; None where the way has to be gone in full, be it to the right refusal."""
        known = self._known.get((raw_path, query))
        if known is None:
            return None
        now = self._now()
        right = self._passes.find(known.right, shown, now)
        if right is None or not self._registry.is_current(known.slide_id, known.key.version_id):
            return None
        body = self._cache.get(known.key)
        if body is None:
            return None
        right.viewing.tile(known.key.level, known.key.x, known.key.y, now)
        self._hits.inc()
        return known.headers, body

    def begin(self) -> tuple[int, float]:
        """To be asked for before a right is checked, and handed to `remember`: a right that is revoked meanwhile is none."""
        return self._passes.generation, self._now()

    def remember(
        self,
        admitted: Admitted,
        shown: Shown,
        slide: Slide,
        viewing: Viewing,
        key: TileKey,
        headers: Headers,
        begun: tuple[int, float],
    ) -> None:
        """A URL was answered with a tile that is in memory now; ``headers`` are those of the next answer."""
        raw_path, query = admitted.asked.raw_path, admitted.asked.query
        if len(raw_path) + len(query) > MAX_URL_BYTES or sum(map(len, shown or ())) > MAX_SHOWN_BYTES:
            return
        right = _right(admitted, slide)
        self._known.put((raw_path, query), _Known(right, slide.id, key, headers))
        generation, since = begun
        self._passes.give(right, shown, admitted, viewing, generation=generation, since=since)


def _right(admitted: Admitted, slide: Slide) -> Right:
    params = admitted.params
    if admitted.caller.kind == "link":  # for this URL alone
        return slide.id, admitted.asked.raw_path, admitted.asked.query
    # Who may see a slide by its id may not know its key: those are two rights.
    by = "id" if is_slide_id(admitted.ref) else "key"
    return slide.id, by, params.get("vt", ""), params.get("exp", ""), params.get(GRANT_PARAM, ""), str(MARK in params)
